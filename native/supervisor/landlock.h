// File access rules of one process (landlock(7)).
#pragma once
#include <string>
#include <vector>

namespace ipclab {

// Version of Landlock here; 0 if the kernel has none or it is switched off.
int landlock_abi();

// From now on: write only below `writable`, read and execute below it, `readable` and what programs need (libraries,
// /dev/null …), no TCP, no abstract sockets of others. Needs no_new_privs. Nothing where Landlock is missing. Throws
// Fault.
void restrict_files(const std::string &writable, const std::vector<std::string> &readable);

}  // namespace ipclab
