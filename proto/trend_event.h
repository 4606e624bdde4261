// A change in a trend, as it is stored, served and pushed. Plain values: an event outlives the engine that made it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/time.h"

namespace tagswell {

class JsonWriter;

enum class TrendEventType : unsigned char { kStarted = 0, kRank, kMilestone, kPeaked, kEnded, kRetracted };

std::string_view Name(TrendEventType type);  // "started", "rank", "milestone", "peaked", "ended", "retracted"
std::optional<TrendEventType> TrendEventTypeFromName(std::string_view name);

// A post that an event points at.
struct PostRef {
  std::string source;
  std::string id;
  std::string author;
  Timestamp created_at;
};

// A named rule that took weight away, and how many authors it took.
struct Suppression {
  std::string name;  // "single_author", "young_accounts", "near_duplicates", ...
  double authors_removed = 0;
};

// Why a topic stands where it stands: enough to check the judgement by hand.
struct Explanation {
  std::string baseline;         // "own_past", "scope_rhythm", "new_topics", "recurrence"
  int interval_minutes = 0;     // the interval that surprised most
  std::uint64_t posts = 0;      // observed in the interval
  double authors = 0;           // observed in the interval, after suppressions
  double expected_authors = 0;  // predicted for the interval
  double surprise = 0;          // -log10 of the chance of that many or more
  double bar = 0;               // what the surprise had to exceed
  std::vector<Suppression> suppressions;
};

struct Milestone {
  std::string counted;  // "posts" or "authors"
  std::uint64_t count = 0;
  std::string source;  // the network it was reached on; empty: all together
  // The count is of what was posted from then until the event. Absent in events of older versions, which say instead
  // how long ago the topic's first post was.
  std::optional<Timestamp> counted_from = {};
  std::optional<Duration> since_first_post = {};
};

// Where a post stands in the log: block and record.
struct LogPlace {
  std::uint64_t block = 0;
  std::uint32_t index = 0;
};

struct TrendEvent {
  std::uint64_t seq = 0;  // 1, 2, 3, ... within an epoch; never repeats
  TrendEventType type = TrendEventType::kStarted;
  Timestamp time;     // stream time at which it was emitted
  std::string trend;  // the episode: "<topic>@<scope>@<started, epoch seconds>"
  std::string topic;
  std::string display;     // the spelling used most
  std::string scope;       // "world", "country:FR", "lang:fr", "source:twitter"
  std::uint32_t rank = 0;  // 1 = first; 0 when the trend has left the board
  std::optional<std::uint32_t> previous_rank;
  double score = 0;    // surprise over bar, 1 = just announced
  std::string window;  // the window of `observed`
  std::uint64_t observed_posts = 0;
  std::uint64_t observed_authors = 0;
  double expected_authors = 0;  // for the same window
  Timestamp started_at;
  Explanation why;
  std::optional<Milestone> milestone;
  std::optional<PostRef> first_post;
  std::string reason = {};                   // of a retraction: one of those docs/api.md lists; else empty
  std::optional<LogPlace> first_place = {};  // where first_post can be read; not part of the stored or sent forms
};

// A trend as it stood at some time: a row of a board.
struct TrendRow {
  TrendEvent state;  // type, seq and time have no meaning here
  Timestamp peak_at;
  double peak_authors_1h = 0;
  std::optional<Timestamp> first_since;  // number one since
};

// What the JSON of an event and that of a row of the board have in common, written into the object that is open: the
// members from "score" to "started_at" (left out where there is none), and the member "explanation".
void WriteMeasures(const TrendEvent& event, JsonWriter& json);
void WriteExplanation(const Explanation& why, JsonWriter& json);

// The JSON text of one event, without a newline; field names as in docs/api.md.
std::string EventToJson(const TrendEvent& event, std::string_view epoch);

// The stored form; the schema is proto/tagswell.proto. Error: corrupt_event.
std::string EncodeEvent(const TrendEvent& event);
std::expected<TrendEvent, Error> DecodeEvent(std::string_view bytes);

// The stored form of the rows of one scope's board, which comes without the scope. Error: corrupt_board.
std::string EncodeBoard(std::span<const TrendRow> rows);
std::expected<std::vector<TrendRow>, Error> DecodeBoard(std::string_view bytes, std::string_view scope);

}  // namespace tagswell
