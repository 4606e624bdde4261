#include "proto/formats/format_parser.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "proto/batch_builder.h"
#include "proto/formats/activitystreams_reader.h"
#include "proto/formats/cloud_event.h"
#include "proto/formats/format_reader.h"
#include "proto/formats/jetstream_reader.h"
#include "proto/formats/mastodon_reader.h"
#include "proto/formats/tagswell_reader.h"
#include "proto/formats/twitter_v1_reader.h"
#include "proto/formats/twitter_v2_reader.h"
#include "proto/json_document.h"

namespace tagswell {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

namespace {

std::unique_ptr<FormatReader> ReaderOf(PostFormat format, BatchBuilder& batch) {
  switch (format) {
    case PostFormat::kTwitterV1:
      return std::make_unique<TwitterV1Reader>(batch);
    case PostFormat::kTwitterV2:
      return std::make_unique<TwitterV2Reader>(batch);
    case PostFormat::kMastodon:
      return std::make_unique<MastodonReader>(batch);
    case PostFormat::kActivityStreams:
      return std::make_unique<ActivityStreamsReader>(batch);
    case PostFormat::kJetstream:
      return std::make_unique<JetstreamReader>(batch);
    case PostFormat::kTagswell:
      break;
  }
  return std::make_unique<TagswellReader>(batch);
}

}  // namespace

struct FormatParser::State {
  State(PostFormat format, const TopicResolver& resolver, HashSalt salt, const PostParserOptions& options)
      : batch(resolver, salt, options), reader(ReaderOf(format, batch)) {}

  BatchBuilder batch;
  std::unique_ptr<FormatReader> reader;
  ondemand::parser parser;
  ondemand::parser array_parser;  // finds the elements; `parser` reads them
  bool takes_events = false;
  CloudEvent event;

  // Reads and tells one document, `line` being its place for errors; 0: it is the body. False: it is malformed.
  bool ReadDocument(std::string_view json, std::uint64_t line) {
    return takes_events ? ReadEvent(json, line) : ReadMessage(json, line);
  }

  bool ReadEvent(std::string_view json, std::uint64_t line) {
    ondemand::document document;
    ondemand::object object;
    if (FirstNonSpace(json) != '{') return ReadMessage(json, line);  // which will find that it is none
    if (!StartDocument(parser, json, document) || document.get_object().get(object) != SUCCESS ||
        !event.Read(object, HoldsEscape(json), batch.options().depth_max) || !AtEnd(document)) {
      return false;
    }
    if (auto error = event.Check()) {
      batch.Reject(std::max<std::uint64_t>(line, 1), std::move(*error));
      return event.data().empty() || IsWellFormedMessage(event.data());
    }
    return ReadMessage(event.data(), line);
  }

  bool ReadMessage(std::string_view json, std::uint64_t line) {
    ondemand::document document;
    if (!StartDocument(parser, json, document)) return false;
    if (FirstNonSpace(json) != '{') {
      if (!IsWellFormedOther(document, json, batch.options().depth_max)) return false;
      batch.Reject(std::max<std::uint64_t>(line, 1), NotAPost());
      return true;
    }
    ondemand::object object;
    if (document.get_object().get(object) != SUCCESS || !reader->Read(object, HoldsEscape(json)) || !AtEnd(document))
      return false;
    reader->Tell(line);
    return true;
  }

  // Checks an array or an object that nobody reads yet.
  bool IsWellFormedMessage(std::string_view json) {
    ondemand::document document;
    ondemand::value value;
    return StartDocument(array_parser, json, document) && document.get_value().get(value) == SUCCESS &&
           IsWellFormed(value, batch.options().depth_max) && AtEnd(document);
  }

  // Reads the elements of an array. With a `line` all of them stand there; else each has its own, from 1.
  bool ReadArray(std::string_view json, std::uint64_t line) {
    ondemand::document document;
    ondemand::array array;
    if (!StartDocument(array_parser, json, document) || document.get_array().get(array) != SUCCESS) return false;
    std::uint64_t element = 0;
    for (simdjson::simdjson_result<ondemand::value> result : array) {
      ondemand::value value;
      if (std::move(result).get(value) != SUCCESS) return false;
      const std::uint64_t place = line != 0 ? line : ++element;
      ondemand::object object;
      std::string_view document_json;
      if (value.raw_json_token().starts_with('{')) {
        if (value.get_object().get(object) != SUCCESS || object.raw_json().get(document_json) != SUCCESS ||
            !ReadDocument(document_json, place)) {
          return false;
        }
      } else {
        if (!IsWellFormed(value, batch.options().depth_max - 1)) return false;
        batch.Reject(place, NotAPost());
      }
      if (batch.full()) return true;
    }
    return AtEnd(document);
  }

  std::expected<ParsedBody, Error> ParseLines(std::string_view text) {
    const bool all = EachLine(text, [this](std::string_view line, std::uint64_t number) {
      const char first = FirstNonSpace(line);
      if (first == '\0') {
        batch.KeepAlive();
      } else if (!(first == '[' ? IsWellFormedMessage(line) && ReadArray(line, number) : ReadDocument(line, number))) {
        batch.Reject(number, MalformedJson());
      }
      return !batch.full();
    });
    if (!all) return std::unexpected(batch.TooManyPosts());
    return std::move(batch.body());
  }

  std::expected<ParsedBody, Error> ParseJson(BodyShape shape, std::string_view json) {
    const bool is_array = FirstNonSpace(json) == '[' && shape != BodyShape::kCloudEvent;
    if (shape == BodyShape::kCloudEvents && !is_array) {
      return std::unexpected(Error{.code = "not_a_batch", .detail = "a batch of CloudEvents is a JSON array"});
    }
    if (!(is_array ? ReadArray(json, 0) : ReadDocument(json, 0))) return std::unexpected(MalformedJson());
    if (batch.full()) return std::unexpected(batch.TooManyPosts());
    ParsedBody& body = batch.body();
    body.single =
        !is_array && !reader->is_page() && body.batch.changes.empty() && body.batch.size() + body.rejected == 1;
    return std::move(body);
  }
};

FormatParser::FormatParser(PostFormat format, const TopicResolver& resolver, HashSalt salt, PostParserOptions options)
    : state_(std::make_unique<State>(format, resolver, salt, options)) {}

FormatParser::~FormatParser() = default;

std::expected<ParsedBody, Error> FormatParser::Parse(BodyShape shape, std::string_view body, Timestamp accept_until) {
  body = WithoutByteOrderMark(body);
  state_->batch.Start(accept_until, body.size());
  const bool is_json = shape == BodyShape::kJson || shape == BodyShape::kNdjson;
  const bool is_lines = shape == BodyShape::kNdjson || shape == BodyShape::kCloudEventLines;
  state_->takes_events = !is_json;
  return is_lines ? state_->ParseLines(body) : state_->ParseJson(shape, body);
}

}  // namespace tagswell
