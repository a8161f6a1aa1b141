// From the table to a program of the kernel's filter machine (seccomp(2), BPF).
#pragma once
#include <linux/filter.h>

#include <vector>

#include "seccomp_table.h"

namespace ipclab {

// Calls of i386 and x32, which have numbers of their own, kill the process. The rest is a binary search over call
// numbers.
std::vector<sock_filter> create_program(const SeccompRow *rows, size_t count);

}  // namespace ipclab
