#include "proto/formats/format_sniffer.h"

#include <array>
#include <initializer_list>

#include "proto/formats/document_reader.h"
#include "proto/json_document.h"

namespace tagswell {
namespace {

constexpr std::size_t kDepthMax = 64;

enum Member : unsigned {
  kAuthor,
  kSource,
  kDid,
  kTimeUs,
  kEvent,
  kPayload,
  kVisibility,
  kAccount,
  kContext,
  kType,
  kActor,
  kAttributedTo,
  kData,
  kAuthorId,
  kReferencedTweets,
  kAction,
  kUser,
  kIdStr,
  kStatuses,
  kDelete,
  kCreatedAt,
  kMembers
};
constexpr std::array<std::string_view, kMembers> kNames = {
    "author",   "source", "did",      "time_us",      "event",     "payload",   "visibility",        "account",
    "@context", "type",   "actor",    "attributedTo", "data",      "author_id", "referenced_tweets", "action",
    "user",     "id_str", "statuses", "delete",       "created_at"};

std::optional<PostFormat> FormatOfMembers(unsigned seen) {
  const auto has = [seen](std::initializer_list<Member> members) {
    for (const Member member : members) {
      if ((seen >> member & 1) == 0) return false;
    }
    return true;
  };
  using enum PostFormat;
  if (has({kDid, kTimeUs})) return kJetstream;
  if (has({kContext}) || has({kType, kActor}) || has({kType, kAttributedTo})) return kActivityStreams;
  if (has({kEvent, kPayload}) || has({kVisibility, kAccount})) return kMastodon;
  if (has({kStatuses}) || has({kUser, kCreatedAt}) || has({kUser, kIdStr}) || has({kDelete})) return kTwitterV1;
  if (has({kData}) || has({kAuthorId}) || has({kAction, kCreatedAt})) return kTwitterV2;
  if (has({kAuthor, kSource})) return kTagswell;
  return std::nullopt;
}

}  // namespace

std::optional<PostFormat> FormatSniffer::FormatOf(std::string_view json) {
  simdjson::ondemand::document document;
  if (!StartDocument(parser_, json, document)) return std::nullopt;
  DocumentReader reader;
  reader.Start(HoldsEscape(json), kDepthMax);
  unsigned seen = 0;
  const auto note = [&](std::size_t name, DocumentReader::Value value) {
    seen |= 1U << name;
    return reader.Skip(value);
  };
  const char first = FirstNonSpace(json);
  if (first == '{') {
    simdjson::ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS || !reader.Members(object, kNames, note)) {
      return std::nullopt;
    }
  } else if (first == '[') {
    simdjson::ondemand::array array;
    if (document.get_array().get(array) != simdjson::SUCCESS) return std::nullopt;
    for (simdjson::simdjson_result<simdjson::ondemand::value> result : array) {
      simdjson::ondemand::value value;
      if (std::move(result).get(value) != simdjson::SUCCESS || !reader.Members(value, kNames, note))
        return std::nullopt;
      break;
    }
  }
  return FormatOfMembers(seen);
}

std::optional<PostFormat> FormatSniffer::FormatOfLines(std::string_view lines) {
  std::optional<PostFormat> format;
  EachLine(lines, [&](std::string_view line, std::uint64_t) {
    if (FirstNonSpace(line) != '\0') format = FormatOf(line);
    return !format.has_value();
  });
  return format;
}

}  // namespace tagswell
