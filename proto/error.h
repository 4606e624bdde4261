// An error as a value. `code` is stable and part of the contract; `detail` is for people.
#pragma once

#include <string>

namespace tagswell {

struct Error {
  std::string code;        // snake_case, e.g. "missing_author"
  std::string detail;      // one sentence that names the field and what was wrong
  std::string field = {};  // the JSON field or parameter at fault, empty when there is none
};

}  // namespace tagswell
