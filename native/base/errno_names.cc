#include "base/errno_names.h"

#include <string.h>

namespace ipclab {

const char *errno_name(int number) {
  const char *name = strerrorname_np(number);
  return name ? name : "UNKNOWN";
}

const char *errno_text(int number) {
  // Node never calls setlocale(LC_MESSAGES), but an embedder may: the np form is not translated.
  const char *text = strerrordesc_np(number);
  return text ? text : "Unknown error";
}

}  // namespace ipclab
