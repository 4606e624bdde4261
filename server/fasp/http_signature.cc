#include "server/fasp/http_signature.h"

#include <openssl/sha.h>

#include <algorithm>
#include <charconv>

#include "server/base64.h"

namespace tagswell {
namespace {

constexpr std::string_view kInputField = "Signature-Input";
constexpr std::string_view kSignatureField = "Signature";
constexpr std::string_view kDigestField = "Content-Digest";
constexpr std::size_t kIntegerDigitsMax = 15;

std::unexpected<Error> Bad(std::string_view field, std::string_view what) {
  return std::unexpected(
      Error{"bad_signature", std::string(field).append(1, ' ').append(what).append(1, '.'), std::string(field)});
}

// Structured fields (RFC 8941), as far as signatures have them. Each Take gives nothing, or false, when something else
// stands there.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : left_(text) {}

  bool AtEnd() const { return left_.empty(); }
  bool Next(char c) const { return left_.starts_with(c); }

  bool Take(char c) {
    if (!Next(c)) return false;
    left_.remove_prefix(1);
    return true;
  }

  void TakeBlanks(std::string_view blanks) {
    left_.remove_prefix(std::min(left_.find_first_not_of(blanks), left_.size()));
  }

  std::optional<std::string_view> TakeKey() {
    std::size_t size = 0;
    while (size < left_.size() && IsKeyByte(left_[size], size == 0)) ++size;
    return size == 0 ? std::nullopt : std::optional(TakeBytes(size));
  }

  // "text", its quotes and backslashes taken away.
  std::optional<std::string> TakeString() {
    std::string text;
    if (!Take('"')) return std::nullopt;
    while (!left_.empty() && !Next('"')) {
      if (Take('\\') && !Next('"') && !Next('\\')) return std::nullopt;
      const char c = TakeBytes(1).front();
      if (c < 0x20 || c > 0x7e) return std::nullopt;
      text += c;
    }
    return Take('"') ? std::optional(std::move(text)) : std::nullopt;
  }

  std::optional<std::int64_t> TakeInteger() {
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(left_.data(), left_.data() + left_.size(), value);
    const auto size = static_cast<std::size_t>(end - left_.data());
    if (ec != std::errc() || size > kIntegerDigitsMax + (value < 0 ? 1 : 0)) return std::nullopt;
    left_.remove_prefix(size);
    return Next('.') ? std::nullopt : std::optional(value);
  }

  // :base64:
  std::optional<std::string> TakeByteSequence() {
    if (!Take(':')) return std::nullopt;
    const std::size_t size = left_.find(':');
    if (size == std::string_view::npos) return std::nullopt;
    const std::string_view base64 = TakeBytes(size);
    left_.remove_prefix(1);
    return FromBase64(base64);
  }

 private:
  static bool IsKeyByte(char c, bool first) {
    if ((c >= 'a' && c <= 'z') || c == '*') return true;
    return !first && ((c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.');
  }

  std::string_view TakeBytes(std::size_t size) {
    const std::string_view bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }

  std::string_view left_;
};

// The byte sequence under `key` in a dictionary of them; nothing when it is not there, or the text is no such
// dictionary.
std::optional<std::string> BytesOf(std::string_view key, std::string_view text) {
  FieldReader reader(text);
  std::optional<std::string> found;
  while (true) {
    const auto name = reader.TakeKey();
    if (!name || !reader.Take('=')) return std::nullopt;
    auto bytes = reader.TakeByteSequence();
    if (!bytes) return std::nullopt;
    if (*name == key) found = std::move(bytes);  // the last one counts
    reader.TakeBlanks(" \t");
    if (reader.AtEnd()) return found;
    if (!reader.Take(',')) return std::nullopt;
    reader.TakeBlanks(" \t");
  }
}

void AppendString(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

std::string PrintComponents(std::span<const std::string> names) {
  std::string text = "(";
  for (const std::string& name : names) {
    if (text.size() > 1) text += ' ';
    AppendString(name, text);
  }
  return text += ')';
}

// ("@method" "@target-uri"); false when it is another thing.
bool TakeComponents(FieldReader& reader, std::vector<std::string>& names) {
  if (!reader.Take('(')) return false;
  reader.TakeBlanks(" ");
  while (!reader.Take(')')) {
    auto name = reader.TakeString();
    if (!name || name->empty() || std::ranges::find(names, *name) != names.end()) return false;
    names.push_back(std::move(*name));
    if (!reader.Next(' ') && !reader.Next(')')) return false;  // nor ';': a parameter
    reader.TakeBlanks(" ");
  }
  return true;
}

// ;created=1618884473;keyid="test", put behind `signature.params` in the form that is signed.
std::expected<void, Error> TakeParameters(FieldReader& reader, MessageSignature& signature) {
  std::vector<std::string_view> seen;
  while (reader.Take(';')) {
    reader.TakeBlanks(" ");
    const auto name = reader.TakeKey();
    if (!name || !reader.Take('=')) return Bad(kInputField, "has a parameter without a name or a value");
    if (std::ranges::find(seen, *name) != seen.end()) return Bad(kInputField, "has a parameter twice");
    seen.push_back(*name);
    signature.params.append(1, ';').append(*name).append(1, '=');
    if (reader.Next('"')) {
      const auto text = reader.TakeString();
      if (!text) return Bad(kInputField, "has a parameter that is no string");
      AppendString(*text, signature.params);
      if (*name == "keyid") signature.keyid = *text;
      if (*name == "alg") signature.alg = *text;
    } else {
      const auto number = reader.TakeInteger();
      if (!number) return Bad(kInputField, "has a parameter that is neither a string nor a whole number");
      signature.params += std::to_string(*number);
      if (*name == "created") signature.created = number;
      if (*name == "expires") signature.expires = number;
    }
  }
  return {};
}

std::string Sha256(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return {reinterpret_cast<const char*>(digest), sizeof digest};
}

}  // namespace

std::expected<MessageSignature, Error> ParseSignature(std::string_view signature_input, std::string_view signature) {
  MessageSignature parsed;
  FieldReader reader(signature_input);
  const auto label = reader.TakeKey();
  if (!label || !reader.Take('=')) return Bad(kInputField, "must be LABEL=(COMPONENTS);PARAMETERS");
  if (!TakeComponents(reader, parsed.components)) return Bad(kInputField, "must list different components in quotes");
  parsed.params = PrintComponents(parsed.components);
  if (auto taken = TakeParameters(reader, parsed); !taken) return std::unexpected(taken.error());
  if (!reader.AtEnd()) return Bad(kInputField, "must hold one signature and nothing else");
  auto bytes = BytesOf(*label, signature);
  if (!bytes) return Bad(kSignatureField, "must hold the base64 that Signature-Input names");
  parsed.signature = std::move(*bytes);
  return parsed;
}

std::expected<std::string, Error> SignatureBase(std::span<const std::string> names, std::span<const Component> values,
                                                std::string_view params) {
  std::string base;
  for (const std::string& name : names) {
    const auto known = std::ranges::find(values, name, &Component::first);
    if (known == values.end()) return Bad(kInputField, "covers \"" + name + "\", which is not looked at here");
    AppendString(name, base);
    base.append(": ").append(known->second).append(1, '\n');
  }
  return base.append("\"@signature-params\": ").append(params);
}

std::string SignatureParams(std::span<const std::string> names, std::int64_t created, std::string_view keyid) {
  std::string params = PrintComponents(names) + ";created=" + std::to_string(created) + ";keyid=";
  AppendString(keyid, params);
  return params;
}

std::string ContentDigest(std::string_view body) {
  return "sha-256=:" + ToBase64(Sha256(body)) + ":";
}

std::expected<void, Error> CheckContentDigest(std::string_view field, std::string_view body) {
  const auto digest = BytesOf("sha-256", field);
  if (!digest) return Bad(kDigestField, "must hold sha-256");
  if (*digest != Sha256(body)) return Bad(kDigestField, "is not that of the body");
  return {};
}

}  // namespace tagswell
