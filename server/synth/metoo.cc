// #MeToo's first days, 13 October 2017 00:00Z to 24 hours after the origin post, rebuilt from public figures.
//
// From the public record (P), every one divided by SynthOptions::scale:
// - the origin post, 2017-10-15T20:21:45Z, asks people who were harassed or assaulted to reply "me too";
// - 18 uses of the tag an hour before it, 83,500 in the hour to 22:00 that evening, about 109,000 that Sunday and
//   500,000 in the 24 hours after the origin post, on the network it began on;
// - more than 64,000 replies in those 24 hours, most with the bare phrase;
// - 70,000 authors on a second network within 12 hours;
// - #BalanceTonPorc from France from 13 October on, later beside the other tag by the same people;
// - #WeToo as its supplement, from February 2018 on.
// Our reading (A): "22:00" is the origin's local time, US Eastern, so the peak hour is 01:00 to 02:00Z on Monday, and
// "that Sunday" is the day in UTC: the one reading in which both figures lie on a smooth curve. The form between the
// figures, the volumes of the other tags, the order of countries and the background are ours, and so is that #WeToo
// comes on the second day already.
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "server/synth/background.h"
#include "server/synth/places.h"
#include "server/synth/strand.h"
#include "server/synth/vocabulary.h"

namespace tagswell {
namespace {

using namespace std::chrono_literals;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Timestamp At(unsigned day, hours hour, minutes minute = 0min, std::chrono::seconds second = 0s) {
  using std::chrono::sys_days;
  return sys_days{std::chrono::year{2017} / std::chrono::October / std::chrono::day{day}} + hour + minute + second;
}
constexpr Timestamp kBegin = At(13, 0h);
constexpr Timestamp kOrigin = At(15, 20h, 21min, 45s);
constexpr Timestamp kEnd = kOrigin + 24h;

constexpr double kBeforePerHour = 18;  // P
double Before(Timestamp at) {
  return kBeforePerHour * static_cast<double>((at - kBegin).count()) / 3'600'000.0;
}

// Uses of the tag on the first network. Sunday is 109,000 in UTC, the 24 hours after the origin 500,000 (P).
std::vector<CurvePoint> TagCurve() {
  const double before = Before(kOrigin);
  const double sunday_end = Before(At(15, 0h)) + 109'000;
  return {{kBegin, 0},
          {kOrigin, before},
          {kOrigin + 5min, before + 60},
          {kOrigin + 10min, before + 220},
          {kOrigin + 20min, before + 900},
          {At(15, 21h), before + 3'000},
          {At(15, 22h), before + 16'000},
          {At(15, 23h), before + 50'000},
          {At(16, 0h), sunday_end},
          {At(16, 1h), sunday_end + 74'000},
          {At(16, 2h), sunday_end + 157'500},  // P: 83,500 in this hour
          {At(16, 3h), sunday_end + 205'500},
          {At(16, 4h), sunday_end + 235'500},
          {At(16, 5h), sunday_end + 253'500},
          {At(16, 6h), sunday_end + 264'500},
          {At(16, 9h), sunday_end + 288'500},
          {At(16, 12h), sunday_end + 309'500},
          {At(16, 16h), sunday_end + 349'500},
          {kEnd, before + 500'000}};
}

std::vector<CurvePoint> After(Timestamp start, std::initializer_list<std::pair<double, double>> hour_counts) {
  std::vector<CurvePoint> points;
  for (const auto& [hour, count] : hour_counts) {
    points.push_back({start + Duration{static_cast<Duration::rep>(hour * 3'600'000)}, count});
  }
  return points;
}

std::vector<CurvePoint> FrenchCurve() {
  return After(
      At(13, 12h, 6min),
      {{0, 0}, {1, 60}, {2, 180}, {3, 400}, {5, 1'200}, {12, 6'000}, {36, 20'000}, {56, 35'000}, {80.2625, 60'000}});
}

std::string Shown(std::string_view tag, Random& random) {
  std::string shown(tag);
  const double x = random.Uniform();
  for (char& c : shown) {
    if (x < 0.12 && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (x > 0.96 && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return shown;
}

std::string Testimony(std::string_view tag, std::string_view lang, Random& random) {
  std::string text = Sentence(lang, Theme::kTestimony, random);
  const std::string hashtag = "#" + Shown(tag, random);
  return random.Uniform() < 0.3 ? hashtag + " " + text : text + " " + hashtag;
}

void FromWave(SynthPost& post, std::string_view source, Random& random) {
  post.source = source;
  const Place place = PlaceReached(post.created_at - kOrigin, random);
  post.country = place.country;
  post.lang = place.lang;
}

// A member of a wave: one in six posts is by somebody who posted before.
std::uint64_t WaveAuthor(std::uint64_t ordinal, Random& random) {
  return ordinal > 0 && random.Below(6) == 0 ? random.Below(ordinal) : ordinal;
}

constexpr const char* kFrenchPopulation = "b";
constexpr Timestamp kSupplement = At(16, 8h);

// What the wave has to do with other tags. Draws of its own: without it the strand would be the same.
void AddKin(SynthPost& post, std::uint64_t ordinal, double scale) {
  Random random(ordinal + 1);
  const double x = random.Uniform();
  if (post.lang == "fr" && post.created_at >= kOrigin && x < 0.3) {
    const auto members = static_cast<std::uint64_t>(Curve::CountAt(FrenchCurve(), post.created_at) / scale);
    if (members == 0) return;
    SetAuthor(post, kFrenchPopulation, random.Below(members));
    if (x < 0.1) post.text += " #BalanceTonPorc";
  } else if (post.created_at >= kSupplement) {
    const double part = static_cast<double>((post.created_at - kSupplement).count()) /
                        static_cast<double>((kEnd - kSupplement).count());
    if (x < 0.06 * part) post.text += " #WeToo";
  }
  // What everybody uses anyway is no kin.
  if (random.Uniform() < 0.02) {
    const auto tags = EverydayTags(post.lang);
    post.text += " #";
    post.text += tags[random.Below(tags.size())];
  }
}

void ComposeOrigin(SynthPost& post) {
  post.source = "twitter";
  post.author = "Alyssa_Milano";
  post.lang = "en";
  post.country = "US";
  post.text =
      "If you were ever sexually harassed or assaulted, answer this post with the words 'me too', so that people see "
      "how many we are.";
  post.author_followers = 3'300'000;
  post.author_created_at = Timestamp{std::chrono::sys_days{std::chrono::year{2009} / 3 / 1}};
}

// A tag that lives in a country or two.
Composer LocalTag(std::string tag, std::string population, Place home, Place abroad, double abroad_share) {
  return [=](SynthPost& post, std::uint64_t ordinal, Random& random) {
    const Place& place = random.Uniform() < abroad_share ? abroad : home;
    post.source = "twitter";
    post.country = place.country;
    post.lang = place.lang;
    SetAuthor(post, population, WaveAuthor(ordinal, random));
    post.text = Testimony(tag, place.lang, random);
  };
}

}  // namespace

std::vector<Strand> MetooStrands(const SynthOptions& options) {
  Random seeds(options.seed);
  std::vector<Strand> strands;
  const auto add = [&](std::vector<CurvePoint> points, double scale, Composer compose) {
    Curve curve(std::move(points), scale, Random(seeds.Next()));
    strands.push_back({std::move(curve), std::move(compose), Random(seeds.Next())});
  };
  const double scale = options.scale;
  const auto origin_id = std::make_shared<std::string>();

  // The origin is never scaled away. Its strand is the first, so it precedes all else of its second.
  add({{kOrigin, 0}, {kOrigin + 1s, 1}}, 1, [=](SynthPost& post, std::uint64_t, Random&) {
    ComposeOrigin(post);
    *origin_id = post.id;
  });
  add(TagCurve(), scale, [=](SynthPost& post, std::uint64_t ordinal, Random& random) {
    FromWave(post, "twitter", random);
    SetAuthor(post, "m", WaveAuthor(ordinal, random));
    post.text = Testimony("MeToo", post.lang, random);
    if (!origin_id->empty() && random.Uniform() < 0.2) post.in_reply_to = *origin_id;
    AddKin(post, ordinal, scale);
  });
  add(After(kOrigin, {{0, 0}, {0.1, 60}, {1, 3'000}, {4, 22'000}, {12, 48'000}, {24, 64'000}}), scale,
      [=](SynthPost& post, std::uint64_t ordinal, Random& random) {
        constexpr std::array<std::string_view, 6> kBare = {"me too", "Me too",    "Me too.",
                                                           "ME TOO", "me too :(", "Me  too"};
        FromWave(post, "twitter", random);
        post.lang = "en";
        SetAuthor(post, "r", WaveAuthor(ordinal, random));
        post.text = kBare[random.Below(kBare.size())];
        post.in_reply_to = *origin_id;
      });
  // Second network: every post of the first strand is by a new author, so authors are exact; some post again later.
  add(After(kOrigin, {{0, 0}, {1, 300}, {2, 2'000}, {5, 24'000}, {8, 52'000}, {12, 70'000}, {24, 180'000}}), scale,
      [](SynthPost& post, std::uint64_t ordinal, Random& random) {
        FromWave(post, "facebook", random);
        SetAuthor(post, "f", ordinal);
        post.text = Testimony("MeToo", post.lang, random);
      });
  add(After(kOrigin, {{2, 0}, {5, 5'000}, {12, 20'000}, {24, 60'000}}), scale,
      [](SynthPost& post, std::uint64_t ordinal, Random& random) {
        FromWave(post, "facebook", random);
        SetAuthor(post, "f", ordinal);  // slower than the first strand at every moment, so the author is known
        post.text = "Me too. " + Sentence(post.lang, Theme::kTestimony, random);
      });
  add(FrenchCurve(), scale, LocalTag("BalanceTonPorc", kFrenchPopulation, {"FR", "fr"}, {"BE", "fr"}, 0.04));
  add(After(At(13, 10h), {{0, 0}, {4, 400}, {12, 2'000}, {82.3625, 8'000}}), scale,
      LocalTag("QuellaVoltaChe", "q", {"IT", "it"}, {"CH", "it"}, 0.03));
  add(After(At(16, 9h), {{0, 0}, {3, 2'000}, {11.3625, 15'000}}), scale,
      LocalTag("YoTambien", "y", {"ES", "es"}, {"MX", "es"}, 0.35));
  AddBackground(kBegin, kEnd, [&](std::vector<CurvePoint> points, Composer compose) {
    add(std::move(points), scale, std::move(compose));
  });
  // Last, so that all before it are drawn as without it.
  add(After(kSupplement, {{0, 0}, {4, 200}, {12.3625, 3'000}}), scale,
      [](SynthPost& post, std::uint64_t ordinal, Random& random) {
        FromWave(post, "twitter", random);
        SetAuthor(post, "w", WaveAuthor(ordinal, random));
        post.text = Testimony("WeToo", post.lang, random);
      });
  return strands;
}

}  // namespace tagswell
