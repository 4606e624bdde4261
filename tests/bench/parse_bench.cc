// CPU time of the way from bytes to records, for posts of about 300 bytes: reading the fields, finding and keying the
// tags, all of a body, decoding a record. One JSON line a figure, the median of several runs. An argument picks the
// figures whose names hold it.
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "proto/post_codec.h"
#include "proto/post_parser.h"
#include "proto/post_reader.h"

namespace tagswell {
namespace {

constexpr int kPosts = 1000;
constexpr int kRuns = 9;
constexpr int kRounds = 100;

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Only figures whose names hold this are measured.
std::string_view filter;

template <typename Work>
void Measure(const char* name, Work work) {
  if (!std::string_view(name).contains(filter)) return;
  std::vector<double> runs;
  work();
  for (int run = 0; run < kRuns; ++run) {
    const double before = CpuSeconds();
    for (int round = 0; round < kRounds; ++round) work();
    runs.push_back((CpuSeconds() - before) / kRounds / kPosts * 1e6);
  }
  std::ranges::nth_element(runs, runs.begin() + kRuns / 2);
  std::printf("{\"bench\":\"%s\",\"value\":%.4f,\"unit\":\"us/post\"}\n", name, runs[kRuns / 2]);
}

struct Words {
  const char* name;
  std::vector<std::string> words;
  std::vector<std::string> tags;
};

// NDJSON of posts of about 300 bytes: words of the language until the text is long enough, two tags each.
std::string MakeBody(const Words& words, std::size_t post_bytes) {
  std::mt19937_64 random(7);
  const auto any = [&](const std::vector<std::string>& from) { return from[random() % from.size()]; };
  std::string body;
  for (int i = 0; i < kPosts; ++i) {
    std::string post = R"({"id":"92030)" + std::to_string(1000000 + i) + R"(","source":"twitter","author":"user)" +
                       std::to_string(random() % 100000) + R"(","created_at":"2017-10-15T20:21:45Z","text":")";
    for (int tag = 0; post.size() + 30 < post_bytes; ++tag) {
      post += any(words.words) + " ";
      if (tag % 12 == 5) post += "#" + any(words.tags) + " ";
    }
    body += post + R"(https://t.co/Q8xijNPhGJ","lang":"en"})" + "\n";
  }
  return body;
}

std::vector<std::string_view> LinesOf(std::string_view body) {
  std::vector<std::string_view> lines;
  while (!body.empty()) {
    lines.push_back(body.substr(0, body.find('\n')));
    body.remove_prefix(lines.back().size() + 1);
  }
  return lines;
}

void MeasureAll(const Words& words) {
  const auto name = [&](const char* what) { return std::string("parse.") + words.name + "." + what; };
  std::string padded = MakeBody(words, 300);
  const std::size_t size = padded.size();
  padded.append(simdjson::SIMDJSON_PADDING, ' ');
  const std::string_view body = std::string_view(padded).substr(0, size);
  const std::vector<std::string_view> lines = LinesOf(body);

  simdjson::ondemand::parser simd;
  PostBuilder builder(65'536);
  std::uint64_t sum = 0;
  Measure(name("fields").c_str(), [&] {
    for (const std::string_view line : lines) {
      simdjson::ondemand::document document;
      simdjson::ondemand::object object;
      if (simd.iterate(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING).get(document) != 0 ||
          document.get_object().get(object) != 0 || !ReadPost(object, line.contains('\\'), 63, builder) ||
          !builder.Finish(kTimestampMax)) {
        std::abort();
      }
      sum += builder.post().text.size();
    }
  });

  // The measure for the figure above: simdjson as its guide says, six strings taken and nothing else looked at.
  Measure(name("bare_simdjson").c_str(), [&] {
    for (const std::string_view line : lines) {
      auto document = simd.iterate(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING);
      for (const char* field : {"id", "source", "author", "created_at", "text", "lang"}) {
        std::string_view value;
        if (document[field].get_string().get(value) != 0) std::abort();
        sum += value.size();
      }
    }
  });

  const std::vector<Alias> aliases = {{.topic = "metoo", .tags = {"metoo"}, .phrases = {"me too", "moi aussi"}}};
  const TopicResolver resolver = TopicResolver::Create({}).value();
  const TopicResolver with_phrases = TopicResolver::Create(aliases).value();
  PostParser parser(resolver, HashSalt{1});
  const auto parsed = parser.Parse(BodyShape::kNdjson, body, kTimestampMax);
  if (!parsed || parsed->batch.size() != kPosts) std::abort();
  std::vector<Record> records(kPosts);
  for (std::size_t i = 0; i < kPosts; ++i) (void)DecodeRecord(parsed->batch.RecordAt(i), records[i]);
  Arena arena;
  std::vector<Mention> mentions;
  const auto resolve = [&](const TopicResolver& with) {
    for (const Record& record : records) {
      with.FromText(record.post.text, arena, mentions);
      sum += mentions.size();
      arena.Clear();
    }
  };
  Measure(name("tags").c_str(), [&] { resolve(resolver); });
  Measure(name("tags_and_phrases").c_str(), [&] { resolve(with_phrases); });
  Measure(name("body").c_str(), [&] { sum += parser.Parse(BodyShape::kNdjson, body, kTimestampMax)->batch.size(); });
  Record record;
  Measure(name("decode").c_str(), [&] {
    for (std::size_t i = 0; i < kPosts; ++i) {
      (void)DecodeRecord(parsed->batch.RecordAt(i), record);
      sum += record.post.mentions.size();
    }
  });
  [[maybe_unused]] static volatile std::uint64_t kept;
  kept = sum;  // so that no work is optimised away
}

}  // namespace
}  // namespace tagswell

int main(int count, char** arguments) {
  if (count > 1) tagswell::filter = arguments[1];
  tagswell::MeasureAll({"ascii",
                        {"what", "a", "night", "Me", "the", "people", "of", "this", "town", "never", "forget", "too"},
                        {"MeToo", "news", "BreakingNews", "tcot", "Brussels"}});
  tagswell::MeasureAll({"cyrillic",
                        {"это", "было", "давно", "не", "город", "люди", "сегодня", "Россия"},
                        {"Новости", "россия", "СПб", "ударвспину"}});
}
