#include "server/synth/background.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "server/synth/places.h"
#include "server/synth/vocabulary.h"

namespace tagswell {
namespace {

using namespace std::chrono_literals;

constexpr double kPostsPerHour = 13'000;  // all countries, at full scale
constexpr double kTaggedShare = 0.6;
constexpr std::uint64_t kAuthorsPerCountry = 30'000;

// Share of a day's mean rate by local hour: low at four in the morning, high at eight in the evening.
double Rhythm(double local_hour) {
  return 1.0 + 0.6 * std::cos((local_hour - 17.0) / 12.0 * std::numbers::pi) +
         0.25 * std::cos((local_hour - 21.0) / 6.0 * std::numbers::pi);
}

std::vector<CurvePoint> DailyCurve(const Country& country, Timestamp begin, Timestamp end) {
  std::vector<CurvePoint> points = {{begin, 0}};
  for (Timestamp at = begin; at < end;) {
    const auto hour = static_cast<int>(std::chrono::floor<std::chrono::hours>(at - begin).count());
    const Timestamp next = std::min(end, at + 1h);
    const double part = static_cast<double>((next - at).count()) / 3'600'000.0;
    const double rate = kPostsPerHour * country.size * std::max(0.15, Rhythm(hour + country.utc_offset_hours));
    points.push_back({next, points.back().count + rate * part});
    at = next;
  }
  return points;
}

int LocalHour(Timestamp at, const Country& country) {
  const auto hours = std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count() + country.utc_offset_hours;
  return static_cast<int>((hours % 24 + 24) % 24);
}

std::string_view WeekdayTag(Timestamp at, Random& random) {
  constexpr std::array<std::array<std::string_view, 2>, 7> kTags = {{{"SundayFunday", "Sunday"},
                                                                     {"MondayMotivation", "MotivationMonday"},
                                                                     {"TuesdayThoughts", "TacoTuesday"},
                                                                     {"WednesdayWisdom", "HumpDay"},
                                                                     {"ThrowbackThursday", "TBT"},
                                                                     {"FollowFriday", "TGIF"},
                                                                     {"Caturday", "SaturdayNight"}}};
  const std::chrono::weekday day{std::chrono::floor<std::chrono::days>(at)};
  return kTags[day.c_encoding()][random.Below(2)];
}

// Heavy at the front: the nth everyday tag is used about 1/n as often as the first.
std::string_view EverydayTag(std::string_view lang, Random& random) {
  const auto tags = EverydayTags(lang);
  const double n = std::pow(static_cast<double>(tags.size() + 1), random.Uniform());
  return tags[std::min(tags.size() - 1, static_cast<std::size_t>(n) - 1)];
}

std::string_view NetworkOf(double x) {
  return x < 0.55 ? "twitter" : x < 0.9 ? "facebook" : "mastodon";
}

Composer Everyday(const Country& country) {
  return [&country](SynthPost& post, std::uint64_t, Random& random) {
    post.country = country.place.country;
    post.lang = LangOf(country, random);
    post.source = NetworkOf(random.Uniform());
    const double u = random.Uniform();
    SetAuthor(post, post.country, static_cast<std::uint64_t>(u * u * static_cast<double>(kAuthorsPerCountry)));
    post.text = Sentence(post.lang, Theme::kEveryday, random);
    if (random.Uniform() >= kTaggedShare) return;
    const int hour = LocalHour(post.created_at, country);
    const double x = random.Uniform();
    std::string_view tag = EverydayTag(post.lang, random);
    if (hour >= 6 && hour < 10 && x < 0.12) tag = MorningTag(post.lang);
    if (post.lang == "en" && x > 0.93) tag = WeekdayTag(post.created_at, random);
    post.text += " #";
    post.text += tag;
    if (random.Below(4) != 0) return;
    post.text += " #";
    post.text += EverydayTag(post.lang, random);
  };
}

// Eight young accounts say one thing over and over for an hour.
void ComposeSpam(SynthPost& post, std::uint64_t ordinal, Random& random) {
  constexpr std::uint64_t kAccounts = 8;
  post.source = "twitter";
  post.country = "US";
  post.lang = "en";
  SetAuthor(post, "win", ordinal % kAccounts);
  post.author_followers = 3;
  post.author_created_at = std::chrono::floor<std::chrono::days>(post.created_at) - 24h;
  post.text = "Win a phone today, first come first served! #FreePhoneNow https://example.com/" +
              std::to_string(random.Below(100));
}

}  // namespace

void AddBackground(Timestamp begin, Timestamp end, const AddStrand& add) {
  for (const Country& country : Countries()) add(DailyCurve(country, begin, end), Everyday(country));
  add({{begin + 39h, 0}, {begin + 40h, 4'000}}, ComposeSpam);
}

void SetAuthor(SynthPost& post, std::string_view population, std::uint64_t n) {
  post.author = AuthorName(population, n);
  std::uint64_t seed = n + 1;
  for (const char c : population) seed = seed * 131 + static_cast<unsigned char>(c);
  Random random(seed);
  const double u = random.Uniform();
  post.author_followers = static_cast<std::uint64_t>(20.0 / (1.0 - u * 0.9999));
  constexpr Timestamp kOldest{std::chrono::sys_days{std::chrono::year{2008} / 1 / 1}};
  post.author_created_at = kOldest + std::chrono::days{static_cast<int>(random.Below(3'400))};
}

}  // namespace tagswell
