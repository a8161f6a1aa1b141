import { describeLab } from 'ipclab/jest';

await describeLab(new URL('..', import.meta.url));
