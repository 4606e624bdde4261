// A request's body that is one flat JSON object, whose members are texts or lists of texts.
#pragma once

#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "server/net/http.h"

namespace tagswell {

class JsonBody {
 public:
  static constexpr std::size_t kBytesMax = 64 * 1024;

  // A member that may stand in the body.
  struct Member {
    std::string_view name;
    bool is_list = false;
  };

  // Errors: malformed_json; body_too_large; bad_body, naming the member: unknown, repeated, of another type.
  static std::expected<JsonBody, Error> Parse(std::string_view body, std::span<const Member> members);

  bool Has(std::string_view name) const { return values_.contains(name); }
  // Empty when it is not there.
  const std::string& Text(std::string_view name) const;
  const std::vector<std::string>& List(std::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// The answer to a body that was refused.
Response BodyProblem(const Error& error);

}  // namespace tagswell
