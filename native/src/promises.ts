/** In a forked child: the calls that wait in the parent are not the child's. */
export function rejectInherited(): void {}
