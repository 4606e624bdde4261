// `tagswell synth`: realistic streams made from nothing but a seed, for demonstrations and tests.
// The same scenario, scale and seed give the same bytes on every machine. Not thread-safe: one owner draws.
#pragma once

#include <cstdint>
#include <expected>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/time.h"

namespace tagswell {

// One made-up post; empty fields are left out of its JSON.
struct SynthPost {
  std::string id;
  std::string source;
  std::string author;
  Timestamp created_at;
  std::string text;
  std::string lang;
  std::string country;
  std::string in_reply_to;
  std::uint64_t author_followers = 0;
  Timestamp author_created_at;
};

struct SynthOptions {
  double scale = 20;  // every public figure is divided by this; 1 = the full figures. 1 to 10,000.
  std::uint64_t seed = 1;

  std::expected<void, Error> Validate() const;  // bad_scale
};

// Draws the posts of a scenario in order of event time, one at a time and without keeping them.
class Synth {
 public:
  // Errors: unknown_scenario, and those of SynthOptions.
  static std::expected<Synth, Error> Create(std::string_view scenario, const SynthOptions& options);
  static std::vector<std::string_view> Scenarios();  // names, for help texts

  Synth(Synth&&) noexcept;
  Synth& operator=(Synth&&) noexcept;
  ~Synth();

  std::optional<SynthPost> Next();

 private:
  struct State;
  explicit Synth(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One line of NDJSON with its newline.
void AppendJsonLine(const SynthPost& post, std::string& out);

// Writes the whole scenario as NDJSON. Errors: those of Create, and write_failed.
std::expected<void, Error> WriteScenario(std::string_view scenario, const SynthOptions& options, std::ostream& out);

}  // namespace tagswell
