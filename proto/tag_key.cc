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

}  // namespace

char* FoldByTable(std::string_view spelling, char* out) {
  const CharacterTable& table = CharacterTable::Get();
  for (std::size_t i = 0; i < spelling.size();) {
    const CodePoint c = CodePointAt(spelling, i);
    const char32_t folded = table.Folded(c.value);
    if (folded == 0) return nullptr;
    out = PutCodePoint(folded, out);
    i += c.bytes;
  }
  return out;
}

void AppendTagKey(std::string_view spelling, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + FoldedBytesMax(spelling));
  if (const char* const end = FoldByTable(spelling, out.data() + before); end != nullptr) {
    out.resize(static_cast<std::size_t>(end - out.data()));
    return;
  }
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
