#include "proto/tag_key.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <cstdlib>

#include "proto/character_table.h"
#include "proto/utf8.h"

namespace tagswell {
namespace {

using Sink = icu::StringByteSink<std::string>;

icu::StringPiece Piece(std::string_view text) {
  return {text.data(), static_cast<int32_t>(text.size())};
}

void AppendWithIcu(std::string_view spelling, std::string& out) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const nfkc = icu::Normalizer2::getNFKCInstance(status);
  std::string composed;
  std::string folded;
  Sink composed_sink(&composed);
  Sink folded_sink(&folded);
  Sink out_sink(&out);
  nfkc->normalizeUTF8(0, Piece(spelling), composed_sink, nullptr, status);
  icu::CaseMap::utf8Fold(U_FOLD_CASE_DEFAULT, Piece(composed), folded_sink, nullptr, status);
  nfkc->normalizeUTF8(0, Piece(folded), out_sink, nullptr, status);
  if (U_FAILURE(status)) std::abort();  // only memory or ICU's own data can be missing
}

// Writes the key letter by letter. False if a letter needs ICU; `out` may then hold a part.
bool AppendByTable(std::string_view spelling, std::string& out) {
  const CharacterTable& table = CharacterTable::Get();
  char encoded[4];
  for (std::size_t i = 0; i < spelling.size();) {
    const CodePoint c = CodePointAt(spelling, i);
    const char32_t folded = table.Folded(c.value);
    if (folded == 0) return false;
    out.append(encoded, PutCodePoint(folded, encoded));
    i += c.bytes;
  }
  return true;
}

}  // namespace

void AppendTagKey(std::string_view spelling, std::string& out) {
  const std::size_t before = out.size();
  if (AppendByTable(spelling, out)) return;
  out.resize(before);
  AppendWithIcu(spelling, out);
}

std::string_view WithoutOpener(std::string_view tag) {
  for (const std::string_view opener : {"#", "\uFF03"}) {
    if (tag.starts_with(opener)) return tag.substr(opener.size());
  }
  return tag;
}

std::string TagKey(std::string_view tag) {
  std::string key;
  AppendTagKey(WithoutOpener(tag), key);
  return key;
}

}  // namespace tagswell
