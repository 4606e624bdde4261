#include "server/api/json_body.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "server/net/problem.h"

namespace tagswell {
namespace {

namespace dom = simdjson::dom;

std::unexpected<Error> Bad(std::string detail, std::string_view field) {
  return std::unexpected(Error{"bad_body", std::move(detail), std::string(field)});
}

}  // namespace

std::expected<JsonBody, Error> JsonBody::Parse(std::string_view body, std::span<const Member> members) {
  if (body.size() > kBytesMax)
    return std::unexpected(Error{"body_too_large", "The body may have " + std::to_string(kBytesMax) + " bytes."});
  dom::parser parser;
  dom::element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
    return std::unexpected(Error{"malformed_json", "The body is no JSON."});
  dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return Bad("The body must be a JSON object.", "");
  JsonBody read;
  for (const auto& [name, value] : object) {
    const auto member = std::ranges::find(members, name, &Member::name);
    if (member == members.end()) return Bad("The body has a member that is not known here.", name);
    const auto [texts, is_new] = read.values_.try_emplace(std::string(name));
    if (!is_new) return Bad("The member stands there twice.", name);
    std::string_view text;
    if (!member->is_list) {
      if (value.get(text) != simdjson::SUCCESS) return Bad("The member must be a text.", name);
      texts->second.emplace_back(text);
      continue;
    }
    dom::array list;
    if (value.get(list) != simdjson::SUCCESS) return Bad("The member must be a list of texts.", name);
    for (const dom::element item : list) {
      if (item.get(text) != simdjson::SUCCESS) return Bad("The member must be a list of texts.", name);
      texts->second.emplace_back(text);
    }
  }
  return read;
}

const std::vector<std::string>& JsonBody::List(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto found = values_.find(name);
  return found == values_.end() ? kNone : found->second;
}

const std::string& JsonBody::Text(std::string_view name) const {
  static const std::string kEmpty;
  const std::vector<std::string>& texts = List(name);
  return texts.empty() ? kEmpty : texts.front();
}

Response BodyProblem(const Error& error) {
  return Problem(error.code == "malformed_json" ? 400 : error.code == "body_too_large" ? 413 : 422, error);
}

}  // namespace tagswell
