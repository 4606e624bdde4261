// Any bytes as the fields of a signature, a line each: refused with the field at fault, or taken, and then what is
// signed is read back as the same, and a base holds a line for each component.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/base64.h"
#include "server/fasp/http_signature.h"
#include "tests/fuzz/pieces.h"

namespace tagswell {
namespace {

std::string_view TakeLine(std::string_view& bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
  return line;
}

void CheckDigest(std::string_view field, std::string_view body) {
  const auto checked = CheckContentDigest(field, body);
  Require(checked || (checked.error().code == "bad_signature" && checked.error().field == "Content-Digest"));
  Require(CheckContentDigest(ContentDigest(body), body).has_value());
}

}  // namespace
}  // namespace tagswell

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tagswell;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view input = TakeLine(bytes);
  const std::string_view signature = TakeLine(bytes);
  CheckDigest(TakeLine(bytes), bytes);
  if (const auto decoded = FromBase64(signature)) Require(FromBase64(ToBase64(*decoded)) == decoded);

  const auto parsed = ParseSignature(input, signature);
  if (!parsed) {
    Require(parsed.error().code == "bad_signature" && !parsed.error().field.empty());
    return 0;
  }
  const auto again = ParseSignature("sig=" + parsed->params, "sig=:" + ToBase64(parsed->signature) + ":");
  Require(again && again->params == parsed->params && again->components == parsed->components);
  Require(again->created == parsed->created && again->keyid == parsed->keyid && again->signature == parsed->signature);

  std::vector<Component> values;
  for (const std::string& name : parsed->components) values.emplace_back(name, "value");
  const auto base = SignatureBase(parsed->components, values, parsed->params);
  Require(base && std::ranges::count(*base, '\n') == static_cast<std::ptrdiff_t>(values.size()));
  return 0;
}
