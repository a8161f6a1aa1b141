#pragma once

namespace ipclab {

// "EIDRM" for 43; "UNKNOWN" for a number without a name.
const char *errno_name(int number);
// "Identifier removed": what strerror(3) says, untranslated.
const char *errno_text(int number);

}  // namespace ipclab
