// Any body in any format and shape: no crash, what is accepted decodes and shows itself as JSON that parses again, and
// what is said of earlier posts stands in order. The first byte chooses format and shape.
#include <simdjson.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "proto/body_parser.h"
#include "proto/formats/format_sniffer.h"
#include "proto/post_codec.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace tagswell;
  static const TopicResolver resolver =
      TopicResolver::Create({{{.topic = "metoo", .tags = {"balancetonporc"}, .phrases = {"me too", "a"}}}}).value();
  static BodyParser parser(resolver, HashSalt{1});
  static FormatSniffer sniffer;
  if (size == 0) return 0;
  constexpr BodyShape kShapes[] = {BodyShape::kNdjson,     BodyShape::kJson,        BodyShape::kProtobuf,
                                   BodyShape::kCloudEvent, BodyShape::kCloudEvents, BodyShape::kCloudEventLines};
  const auto format = static_cast<PostFormat>(data[0] % kPostFormatNames.size());
  const BodyShape shape = kShapes[data[0] / kPostFormatNames.size() % std::size(kShapes)];
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  body.append(simdjson::SIMDJSON_PADDING, '\0');
  const std::string_view text = std::string_view(body).substr(0, size - 1);
  sniffer.FormOfLines(text);

  const auto parsed = parser.Parse(format, shape, text, kTimestampMax);
  if (!parsed) return 0;
  Record record;
  for (std::size_t i = 0; i < parsed->batch.size(); ++i) {
    const std::string_view bytes = parsed->batch.RecordAt(i);
    Require(DecodeRecord(bytes, record).value() == bytes.size());
    Require(!record.post.id.empty() && !record.post.source.empty() && !record.post.author.empty());
    const std::string json = PostToJson(record.post);
    simdjson::dom::parser again;
    Require(again.parse(json).error() == simdjson::SUCCESS);
  }
  std::uint32_t at = 0;
  for (const BatchChange& change : parsed->batch.changes) {
    Require(change.at >= at && change.at <= parsed->batch.size());
    at = change.at;
    const bool is_of_post = change.kind == BatchChange::Kind::kReplace || change.kind == BatchChange::Kind::kYield;
    Require(!is_of_post || at < parsed->batch.size());
  }
  return 0;
}
