/** Why nothing can be graded on such a machine, and what to do; undefined if it can. */
export function describeUnfit(platform: string, arch: string): string | undefined {
  if (platform === 'linux' && arch === 'x64') return undefined;
  const known = 'The supervisor knows the system calls of Linux on x86-64 only.';
  return platform === 'linux'
    ? `${known} Here programs can be run (\`ipclab run\`, \`ipclab start\`), and graded on another machine: in the CI workflow of the lab's folder, for example.`
    : `${known} Use WSL 2 or a dev container on a machine with such a processor.`;
}
