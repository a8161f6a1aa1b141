#include "json.h"

#include <cstdint>
#include <cstdio>

namespace ipclab {
namespace {

void append_quoted(std::string *text, const char *value, size_t size) {
  *text += '"';
  size_t copied = 0;
  for (size_t i = 0; i < size; i++) {
    const unsigned char byte = static_cast<unsigned char>(value[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    text->append(value + copied, i - copied);
    copied = i + 1;
    char escape[8];
    snprintf(escape, sizeof escape, "\\u%04x", byte);
    *text += escape;
  }
  text->append(value + copied, size - copied);
  *text += '"';
}

}  // namespace

void append_json(std::string *text, const std::string &value) {
  append_quoted(text, value.data(), value.size());
}

void append_json(std::string *text, const char *value) {
  append_quoted(text, value, std::char_traits<char>::length(value));
}

void append_json(std::string *text, long value) {
  *text += std::to_string(value);
}

void append_json(std::string *text, int value) {
  *text += std::to_string(value);
}

void append_json(std::string *text, bool value) {
  *text += value ? "true" : "false";
}

void append_base64(std::string *text, const std::string &bytes) {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  *text += '"';
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;  // three bytes, four digits
    for (size_t j = i; j < i + 3; j++) group = group << 8 | (j < bytes.size() ? static_cast<uint8_t>(bytes[j]) : 0u);
    for (int digit = 0; digit < 4; digit++)
      *text += i + static_cast<size_t>(digit) > bytes.size() ? '=' : kDigits[group >> (18 - 6 * digit) & 63];
  }
  *text += '"';
}

std::string *JsonObject::member(const char *name) {
  if (!is_empty_) *text_ += ',';
  is_empty_ = false;
  *text_ += '"';
  *text_ += name;
  *text_ += "\":";
  return text_;
}

}  // namespace ipclab
