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
  kSpecVersion,
  kMembers
};
constexpr std::array<std::string_view, kMembers> kNames = {
    "author",   "source", "did",      "time_us",      "event",      "payload",    "visibility",        "account",
    "@context", "type",   "actor",    "attributedTo", "data",       "author_id",  "referenced_tweets", "action",
    "user",     "id_str", "statuses", "delete",       "created_at", "specversion"};

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

std::optional<FormatSniffer::Sight> FormatSniffer::Look(std::string_view json) {
  simdjson::ondemand::document document;
  if (!StartDocument(parser_, json, document)) return std::nullopt;
  DocumentReader reader;
  reader.Start(HoldsEscape(json), kDepthMax);
  Sight sight;
  const auto note = [&](std::size_t name, DocumentReader::Value value) {
    sight.seen |= 1U << name;
    if (name != kData || !DocumentReader::IsObject(value)) return reader.Skip(value);
    DocumentReader::Object data;
    return value.get_object().get(data) == simdjson::SUCCESS && data.raw_json().get(sight.data) == simdjson::SUCCESS;
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
  return sight;
}

std::optional<PostForm> FormatSniffer::FormOf(std::string_view json) {
  auto sight = Look(json);
  const bool is_event = sight && (sight->seen >> kSpecVersion & 1) != 0;
  if (is_event) sight = sight->data.empty() ? std::nullopt : Look(sight->data);
  const auto format = sight ? FormatOfMembers(sight->seen) : std::nullopt;
  if (!format) return std::nullopt;
  return PostForm{.format = *format, .shape = is_event ? BodyShape::kCloudEventLines : BodyShape::kNdjson};
}

std::optional<PostForm> FormatSniffer::FormOfLines(std::string_view lines) {
  std::optional<PostForm> form;
  EachLine(lines, [&](std::string_view line, std::uint64_t) {
    if (FirstNonSpace(line) != '\0') form = FormOf(line);
    return !form.has_value();
  });
  return form;
}

}  // namespace tagswell
