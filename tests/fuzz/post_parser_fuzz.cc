// Any body in either shape: no crash, and what is accepted decodes and shows itself as JSON that parses again.
#include <simdjson.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "proto/post_codec.h"
#include "proto/post_parser.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace tagswell;
  static const TopicResolver resolver =
      TopicResolver::Create(
          std::vector<Alias>{{.topic = "metoo", .tags = {"balancetonporc"}, .phrases = {"me too", "a"}}})
          .value();
  static PostParser parser(resolver, HashSalt{1});
  std::string body(reinterpret_cast<const char*>(data), size);
  body.append(simdjson::SIMDJSON_PADDING, '\0');
  for (const BodyShape shape : {BodyShape::kJson, BodyShape::kNdjson}) {
    const auto parsed = parser.Parse(shape, std::string_view(body).substr(0, size), kTimestampMax);
    if (!parsed) continue;
    Record record;
    for (std::size_t i = 0; i < parsed->batch.size(); ++i) {
      const std::string_view bytes = parsed->batch.RecordAt(i);
      Require(DecodeRecord(bytes, record).value() == bytes.size());
      Require(!record.post.id.empty() && !record.post.source.empty() && !record.post.author.empty());
      const std::string json = PostToJson(record.post);
      simdjson::dom::parser again;
      Require(again.parse(json).error() == simdjson::SUCCESS);
    }
  }
  return 0;
}
