// links: supervisor/json.cc
#include "supervisor/json.h"

#include <string>
#include <vector>

#include "check.h"

using namespace ipclab;

namespace {

std::string base64(const std::string &bytes) {
  std::string text;
  append_base64(&text, bytes);
  return text;
}

std::string json(const std::string &value) {
  std::string text;
  append_json(&text, value);
  return text;
}

}  // namespace

TEST("an object has its members in the order in which they were set") {
  std::string text;
  {
    JsonObject outer(&text);
    outer.set("number", -1);
    outer.set("large", 1L << 53);
    outer.set("text", "a");
    outer.set("truth", true);
    outer.set_null("nothing");
    JsonObject inner(outer.member("inner"));
  }
  CHECK_EQUAL(text, R"({"number":-1,"large":9007199254740992,"text":"a","truth":true,"nothing":null,"inner":{}})");
}

TEST("a list has commas between its items only") {
  std::string text;
  for (const std::vector<int> &list : {std::vector<int>{}, {1}, {1, 2, 3}})
    append_json_list(&text, list, [&](int item) { append_json(&text, item); });
  CHECK_EQUAL(text, "[][1][1,2,3]");
}

TEST("quotes, backslashes and control characters are escaped, all else stays as it is") {
  CHECK_EQUAL(json("say \"a\\b\""), R"("say \u0022a\u005cb\u0022")");
  CHECK_EQUAL(json(std::string("\0\n\x1f\x7f", 4)), "\"\\u0000\\u000a\\u001f\x7f\"");
  CHECK_EQUAL(json("\xc3\xa4 \xff"), "\"\xc3\xa4 \xff\"");
}

// RFC 4648, 10
TEST("bytes become base64 with its padding") {
  CHECK_EQUAL(base64(""), "\"\"");
  CHECK_EQUAL(base64("f"), "\"Zg==\"");
  CHECK_EQUAL(base64("fo"), "\"Zm8=\"");
  CHECK_EQUAL(base64("foo"), "\"Zm9v\"");
  CHECK_EQUAL(base64("foob"), "\"Zm9vYg==\"");
  CHECK_EQUAL(base64(std::string("\xff\xfe\0", 3)), "\"//4A\"");
}
