#include "proto/post_parser.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "proto/arena.h"
#include "proto/json_checker.h"
#include "proto/json_grammar.h"
#include "proto/post_codec.h"
#include "proto/post_reader.h"

namespace tagswell {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Error Malformed() {
  return {.code = "malformed_json", .detail = "this is not well-formed JSON, or nested too deep"};
}
Error NotAPost() {
  return {.code = "not_a_post", .detail = "a post is a JSON object"};
}

bool IsBlank(std::string_view line) {
  return std::ranges::all_of(line, IsJsonSpace);
}

char FirstOf(std::string_view json) {
  for (const char c : json) {
    if (!IsJsonSpace(c)) return c;
  }
  return '\0';
}

}  // namespace

struct PostParser::State {
  enum class Verdict { kPost, kNoPost, kMalformed };

  State(const TopicResolver& a_resolver, HashSalt a_salt, const PostParserOptions& some_options)
      : resolver(a_resolver), salt(a_salt), options(some_options) {}

  const TopicResolver& resolver;
  const HashSalt salt;
  const PostParserOptions options;
  ondemand::parser parser;
  PostBuilder builder{options.text_bytes_max};
  Arena arena;
  Timestamp accept_until;
  ParsedBody body;
  std::uint64_t count = 0;  // posts of this body, good and bad

  void Start(Timestamp until, std::size_t body_bytes) {
    accept_until = until;
    body = {};
    body.batch.records.reserve(body_bytes);
    count = 0;
  }

  // Nothing may stand behind a document: simdjson does not look there by itself.
  static bool AtEnd(ondemand::document& document) {
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  }

  // `json` is one document with readable bytes behind it.
  bool Iterate(std::string_view json, ondemand::document& document) {
    return parser.iterate(json.data(), json.size(), json.size() + simdjson::SIMDJSON_PADDING).get(document) == SUCCESS;
  }

  Verdict ReadLine(std::string_view line) {
    ondemand::document document;
    if (!Iterate(line, document)) return Verdict::kMalformed;
    if (FirstOf(line) != '{') return CheckOther(document, line);
    ondemand::object object;
    if (document.get_object().get(object) != SUCCESS) return Verdict::kMalformed;
    if (!ReadPost(object, HoldsEscape(line), options.depth_max - 1, builder) || !AtEnd(document))
      return Verdict::kMalformed;
    return builder.Finish(accept_until) ? Verdict::kPost : Verdict::kNoPost;
  }

  // A document that is no object.
  Verdict CheckOther(ondemand::document& document, std::string_view json) const {
    bool good = false;
    if (FirstOf(json) == '[') {
      ondemand::array array;
      good =
          document.get_array().get(array) == SUCCESS && IsWellFormed(array, options.depth_max - 1) && AtEnd(document);
    } else {
      std::string_view token;
      good = document.raw_json_token().get(token) == SUCCESS &&
             token.data() + token.size() == json.data() + json.size() && IsWellFormedScalar(token);
    }
    return good ? Verdict::kNoPost : Verdict::kMalformed;
  }

  void Accept() {
    Post& post = builder.post();
    if (builder.has_tags()) {
      resolver.FromTags(builder.tags(), post.text, arena, post.mentions);
    } else {
      resolver.FromText(post.text, arena, post.mentions);
    }
    PostBatch& batch = body.batch;
    EncodeRecord(RecordKind::kPost, post, batch.records);
    batch.ends.push_back(static_cast<std::uint32_t>(batch.records.size()));
    batch.keys.push_back(KeyOf(post.source, post.id, salt));
    batch.newest = std::max(batch.newest, post.created_at);
    arena.Clear();
  }

  void Reject(std::uint64_t line, Error error) {
    ++body.rejected;
    if (body.errors.size() < options.errors_max) body.errors.push_back({.line = line, .error = std::move(error)});
  }

  std::expected<ParsedBody, Error> TooManyPosts() const {
    return std::unexpected(Error{.code = "too_many_posts",
                                 .detail = "one body holds at most " + std::to_string(options.posts_max) + " posts"});
  }

  std::expected<ParsedBody, Error> ParseLines(std::string_view text) {
    std::uint64_t line_number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string_view line = text.substr(begin, end - begin);
      begin = end + 1;
      ++line_number;
      if (IsBlank(line)) continue;
      if (++count > options.posts_max) return TooManyPosts();
      switch (ReadLine(line)) {
        case Verdict::kPost:
          Accept();
          break;
        case Verdict::kNoPost:
          Reject(line_number, FirstOf(line) == '{' ? builder.error() : NotAPost());
          break;
        case Verdict::kMalformed:
          Reject(line_number, Malformed());
          break;
      }
    }
    return std::move(body);
  }

  std::expected<ParsedBody, Error> ParseOne(std::string_view json) {
    body.single = true;
    switch (ReadLine(json)) {
      case Verdict::kPost:
        Accept();
        break;
      case Verdict::kNoPost:
        Reject(1, FirstOf(json) == '{' ? builder.error() : NotAPost());
        break;
      case Verdict::kMalformed:
        return std::unexpected(Malformed());
    }
    return std::move(body);
  }

  std::expected<ParsedBody, Error> ParseArray(std::string_view json) {
    ondemand::document document;
    ondemand::array array;
    const bool may_hold_escapes = HoldsEscape(json);
    if (!Iterate(json, document) || document.get_array().get(array) != SUCCESS) return std::unexpected(Malformed());
    for (simdjson::simdjson_result<ondemand::value> result : array) {
      ondemand::value value;
      if (std::move(result).get(value) != SUCCESS) return std::unexpected(Malformed());
      if (++count > options.posts_max) return TooManyPosts();
      if (!value.raw_json_token().starts_with('{')) {
        if (!IsWellFormed(value, options.depth_max - 1)) return std::unexpected(Malformed());
        Reject(count, NotAPost());
        continue;
      }
      ondemand::object object;
      if (value.get_object().get(object) != SUCCESS ||
          !ReadPost(object, may_hold_escapes, options.depth_max - 2, builder)) {
        return std::unexpected(Malformed());
      }
      if (builder.Finish(accept_until)) {
        Accept();
      } else {
        Reject(count, builder.error());
      }
    }
    if (!AtEnd(document)) return std::unexpected(Malformed());
    return std::move(body);
  }
};

PostParser::PostParser(const TopicResolver& resolver, HashSalt salt, PostParserOptions options)
    : state_(std::make_unique<State>(resolver, salt, options)) {}

PostParser::~PostParser() = default;

std::expected<ParsedBody, Error> PostParser::Parse(BodyShape shape, std::string_view body, Timestamp accept_until) {
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  state_->Start(accept_until, body.size());
  if (shape == BodyShape::kNdjson) return state_->ParseLines(body);
  return FirstOf(body) == '[' ? state_->ParseArray(body) : state_->ParseOne(body);
}

}  // namespace tagswell
