// JSON (RFC 8259) as it is written into a text, member by member. One text is much cheaper to hand to JavaScript, and
// to send from process to process, than as many objects.
#pragma once
#include <cstddef>
#include <string>

namespace ipclab {

// Bytes that are no UTF-8 stay as they are: whoever decodes the text replaces them.
void append_json(std::string *text, const std::string &value);
void append_json(std::string *text, const char *value);
void append_json(std::string *text, long value);
void append_json(std::string *text, int value);
void append_json(std::string *text, bool value);
void append_base64(std::string *text, const std::string &bytes);

// An object; its end is written when this goes. Names are literals that need no escapes.
class JsonObject {
 public:
  explicit JsonObject(std::string *text) : text_(text) { *text_ += '{'; }
  ~JsonObject() { *text_ += '}'; }
  JsonObject(const JsonObject &) = delete;
  JsonObject &operator=(const JsonObject &) = delete;

  // Where the value of the member is to be appended.
  std::string *member(const char *name);
  template <class Value>
  void set(const char *name, const Value &value) {
    append_json(member(name), value);
  }
  void set_null(const char *name) { *member(name) += "null"; }

 private:
  std::string *text_;
  bool is_empty_ = true;
};

template <class List, class Write>
void append_json_list(std::string *text, const List &list, Write write) {
  *text += '[';
  bool is_first = true;
  for (const auto &each : list) {
    if (!is_first) *text += ',';
    is_first = false;
    write(each);
  }
  *text += ']';
}

}  // namespace ipclab
