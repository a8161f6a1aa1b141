import { describeLab } from 'ipclab/jest';

describeLab(import.meta.url);
