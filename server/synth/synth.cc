#include "server/synth/synth.h"

#include <ostream>
#include <queue>
#include <utility>

#include "server/synth/strand.h"

namespace tagswell {
namespace {

constexpr std::string_view kMetoo = "metoo";

// Ids look like the large networks' own: time in the high bits, a running number in the low 22, so none repeats.
std::string MakeId(Timestamp at, std::uint64_t running) {
  constexpr std::int64_t kEpochMs = 1'288'834'974'657;
  const auto ms = static_cast<std::uint64_t>(at.time_since_epoch().count() - kEpochMs);
  return std::to_string((ms << 22U) | (running & 0x3F'FFFFU));
}

void AppendEscaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out += out.back() == '{' ? "\"" : ",\"";
  out += name;
  out += "\":\"";
  AppendEscaped(value, out);
  out += '"';
}

struct Pending {
  Timestamp at;
  std::size_t strand;
  bool operator>(const Pending& other) const { return std::pair(at, strand) > std::pair(other.at, other.strand); }
};

}  // namespace

struct Synth::State {
  std::vector<Strand> strands;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending;
  std::uint64_t running = 0;

  void Refill(std::size_t strand) {
    if (const auto at = strands[strand].curve.Next()) pending.push({*at, strand});
  }
};

std::expected<void, Error> SynthOptions::Validate() const {
  if (scale >= 1 && scale <= 10'000) return {};
  return std::unexpected(Error{"bad_scale", "scale must be between 1 and 10000", "scale"});
}

std::vector<std::string_view> Synth::Scenarios() {
  return {kMetoo};
}

std::expected<Synth, Error> Synth::Create(std::string_view scenario, const SynthOptions& options) {
  if (const auto valid = options.Validate(); !valid) return std::unexpected(valid.error());
  if (scenario != kMetoo) {
    return std::unexpected(Error{"unknown_scenario", "there is no scenario of that name; known: metoo", "scenario"});
  }
  auto state = std::make_unique<State>();
  state->strands = MetooStrands(options);
  for (std::size_t i = 0; i < state->strands.size(); ++i) state->Refill(i);
  return Synth(std::move(state));
}

Synth::Synth(std::unique_ptr<State> state) : state_(std::move(state)) {}
Synth::Synth(Synth&&) noexcept = default;
Synth& Synth::operator=(Synth&&) noexcept = default;
Synth::~Synth() = default;

std::optional<SynthPost> Synth::Next() {
  if (state_->pending.empty()) return std::nullopt;
  const Pending next = state_->pending.top();
  state_->pending.pop();
  Strand& strand = state_->strands[next.strand];
  SynthPost post;
  post.created_at = next.at;
  post.id = MakeId(next.at, state_->running++);
  strand.compose(post, strand.curve.given() - 1, strand.random);
  state_->Refill(next.strand);
  return post;
}

void AppendJsonLine(const SynthPost& post, std::string& out) {
  out += '{';
  AppendField("id", post.id, out);
  AppendField("source", post.source, out);
  AppendField("author", post.author, out);
  AppendField("created_at", FormatTimestamp(post.created_at), out);
  AppendField("text", post.text, out);
  AppendField("lang", post.lang, out);
  AppendField("country", post.country, out);
  AppendField("in_reply_to", post.in_reply_to, out);
  out += ",\"author_followers\":";
  out += std::to_string(post.author_followers);
  AppendField("author_created_at", FormatTimestamp(post.author_created_at), out);
  out += "}\n";
}

std::expected<void, Error> WriteScenario(std::string_view scenario, const SynthOptions& options, std::ostream& out) {
  auto synth = Synth::Create(scenario, options);
  if (!synth) return std::unexpected(synth.error());
  constexpr std::size_t kFlushBytes = 256 * 1024;
  std::string lines;
  while (const auto post = synth->Next()) {
    AppendJsonLine(*post, lines);
    if (lines.size() < kFlushBytes) continue;
    if (!out.write(lines.data(), static_cast<std::streamsize>(lines.size()))) break;
    lines.clear();
  }
  out.write(lines.data(), static_cast<std::streamsize>(lines.size()));
  if (!out.flush()) return std::unexpected(Error{"write_failed", "the output refused further bytes"});
  return {};
}

}  // namespace tagswell
