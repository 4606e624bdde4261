#include "storage/course_fold.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "storage/author_tally.h"

namespace tagswell {
namespace {

// Milestones are of the world and of networks; of other places fewer authors are worth the memory of an exact count.
constexpr std::size_t kExactMax = 131'072;
constexpr std::size_t kExactElsewhereMax = 8'192;
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
constexpr std::uint64_t kTail = 200;  // one post in so many, at either end, is not of the bulk
constexpr std::uint32_t kHour = 60;

Minute MinuteIn(std::uint32_t hour, std::uint32_t minute) {
  return Minute{static_cast<std::int32_t>(hour * kHour + minute)};
}

}  // namespace

CourseFold::CourseFold(std::span<const std::uint64_t> milestones, ComboText combo_text)
    : milestones_(milestones), combo_text_(std::move(combo_text)) {
  tallies_.push_back({.scope = {}, .has_milestones = true, .authors = DistinctAuthors(kExactMax)});
}

std::size_t CourseFold::TallyOf(std::string_view kind, std::string_view name) {
  if (name.empty()) return kNowhere;
  const bool network = kind == "source:";
  const auto [found, fresh] = numbers_.try_emplace(std::string(kind).append(name), tallies_.size());
  if (fresh) {
    tallies_.push_back({.scope = found->first,
                        .has_milestones = network,
                        .authors = DistinctAuthors(network ? kExactMax : kExactElsewhereMax)});
  }
  return found->second;
}

const CourseFold::Places& CourseFold::PlacesOf(std::uint32_t combo) {
  if (combo == last_combo_) return last_places_;
  const auto [found, fresh] = places_.try_emplace(combo);
  if (fresh) found->second = FindPlaces(combo);
  last_combo_ = combo;
  last_places_ = found->second;
  return last_places_;
}

CourseFold::Places CourseFold::FindPlaces(std::uint32_t combo) {
  const std::string text = combo_text_(combo);
  const std::string_view names(text);
  const std::size_t lang_end = names.find('\0');
  const std::size_t country_end = names.find('\0', lang_end + 1);
  return {0, TallyOf("lang:", names.substr(0, lang_end)),
          TallyOf("country:", names.substr(lang_end + 1, country_end - lang_end - 1)),
          TallyOf("source:", names.substr(country_end + 1))};
}

template <class Visit>
void CourseFold::EachTally(std::uint32_t combo, Visit visit) {
  for (const std::size_t place : PlacesOf(combo)) {
    if (place == kNowhere) continue;
    Tally& tally = tallies_[place];
    visit(tally);
    if (tally.has_milestones && !std::exchange(tally.touched, true)) touched_.push_back(place);
  }
}

void CourseFold::AddPosts(const CellRow& row, Minute minute) {
  EachTally(row.key.combo(), [&](Tally& tally) {
    tally.posts += row.posts;
    if (row.posts > 0 && tally.first < Minute{0}) tally.first = minute;
  });
  if (row.posts <= 0) return;
  if (course_.posts++ == 0) course_.first = minute;
  course_.last = minute;
}

void CourseFold::EndMinute(Minute minute) {
  for (const std::size_t place : touched_) {
    Tally& tally = tallies_[place];
    tally.touched = false;
    const auto pass = [&](bool of_authors, std::uint64_t count, bool exact, std::size_t& steps) {
      for (; steps < milestones_.size() && count >= milestones_[steps]; ++steps) {
        const std::string_view scope = tally.scope;
        course_.passed.push_back({.end = minute + 1,
                                  .of_authors = of_authors,
                                  .count = milestones_[steps],
                                  .source = std::string(scope.substr(scope.find(':') + 1)),
                                  .exact = exact});
      }
    };
    pass(false, tally.Posts(), true, tally.posts_steps);
    // To ask a sketch takes a microsecond.
    if (tally.authors_steps < milestones_.size() && tally.Posts() >= milestones_[tally.authors_steps])
      pass(true, tally.Authors(), tally.authors.exact(), tally.authors_steps);
  }
  touched_.clear();
}

void CourseFold::Add(std::uint32_t hour, const HistoryCell& cell) {
  auto row = cell.exact().begin();
  auto coarse = cell.coarse_posts().begin();
  auto entry = cell.registers().begin();
  for (std::uint32_t in_hour = 0; in_hour < kHour; ++in_hour) {
    const Minute minute = MinuteIn(hour, in_hour);
    for (; row != cell.exact().end() && row->key.minute() == in_hour; ++row) {
      AddPosts(*row, minute);
      if (row->posts > 0) EachTally(row->key.combo(), [&](Tally& tally) { tally.authors.Add(row->key.author_code()); });
    }
    for (; coarse != cell.coarse_posts().end() && coarse->key.minute() == in_hour; ++coarse) AddPosts(*coarse, minute);
    for (; entry != cell.registers().end() && entry->key.minute() == in_hour; ++entry) {
      const AuthorSketch::Entry seen{.place = static_cast<std::uint32_t>(entry->key.author_code()),
                                     .rank = entry->rank};
      EachTally(entry->key.combo(), [&](Tally& tally) { tally.authors.Add(seen); });
    }
    EndMinute(minute);
  }
  AddHour(hour, cell);
}

void CourseFold::AddHour(std::uint32_t hour, const HistoryCell& cell) {
  std::int64_t posts = 0;
  std::uint32_t combo_max = 0;
  for (const auto* rows : {&cell.exact(), &cell.coarse_posts()}) {
    for (const CellRow& of : *rows) {
      posts += of.posts;
      combo_max = std::max(combo_max, of.key.combo());
    }
  }
  if (posts <= 0) return;
  hours_.emplace_back(hour, static_cast<std::uint64_t>(posts));
  if (hours_.back().second <= course_.peak_posts) return;
  AuthorTally tally;
  tally.Add(cell, 0, kHour, std::vector<bool>(combo_max + 1, true));
  course_.peak_hour = MinuteIn(hour, 0);
  course_.peak_posts = tally.posts();
  course_.peak_authors = std::min(tally.posts(), tally.authors());
  course_.peak_authors_exact = tally.exact();
}

TopicCourse CourseFold::Take() {
  const Tally& world = tallies_.front();
  course_.posts = world.Posts();
  if (course_.posts == 0) return {};
  course_.authors = world.Authors();
  course_.authors_exact = world.authors.exact();
  for (const Tally& tally : tallies_) {
    if (tally.scope.empty() || tally.posts <= 0) continue;
    course_.places.push_back({.scope = tally.scope,
                              .first = tally.first,
                              .posts = tally.Posts(),
                              .authors = tally.Authors(),
                              .authors_exact = tally.authors.exact()});
  }
  std::ranges::sort(course_.places, {},
                    [](const TopicCourse::Place& of) { return std::tuple(of.first, std::string_view(of.scope)); });
  std::ranges::sort(course_.passed, {}, [](const TopicCourse::Passed& of) {
    return std::tuple(of.end, std::string_view(of.source), of.of_authors, of.count);
  });
  if (course_.passed.size() > TopicCourse::kPassedMax) {
    course_.passed.erase(course_.passed.begin(),
                         course_.passed.end() - static_cast<std::ptrdiff_t>(TopicCourse::kPassedMax));
  }
  const std::uint64_t tail = course_.posts / kTail;
  const auto beyond = [tail, sum = std::uint64_t{0}](const auto& hour) mutable { return (sum += hour.second) > tail; };
  course_.bulk_from = MinuteIn(std::ranges::find_if(hours_, beyond)->first, 0);
  course_.bulk_to = MinuteIn(std::find_if(hours_.rbegin(), hours_.rend(), beyond)->first + 1, 0);
  return std::move(course_);
}

}  // namespace tagswell
