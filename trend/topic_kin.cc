#include "trend/topic_kin.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "trend/surprise.h"

namespace tagswell {
namespace {

constexpr double kErrorDecades = 3;     // one story in a thousand may name one wrong kin by chance
constexpr double kSameLanguages = 0.5;  // with less in common, two topics do not speak the same languages
constexpr double kLanguageChance = 0.01;
constexpr double kSisterLift = 3;
constexpr std::size_t kPeopleMin = 10;     // of a candidate
constexpr std::uint64_t kGrownShare = 3;   // one in so many of a successor's first people were carriers
constexpr std::uint64_t kAloneShare = 10;  // and one in so many use it without the topic
constexpr std::size_t kBegun = 3;          // a topic begins with its third person: earlier ones may be a coincidence
constexpr double kLaterChance = 0.01;
constexpr std::chrono::days kDaysBefore{7};

bool Mentions(const Post& post, std::string_view topic) {
  return std::ranges::any_of(post.mentions, [&](const Mention& mention) { return mention.topic == topic; });
}

double Sum(const Languages& people) {
  return std::accumulate(people.begin(), people.end(), 0.0,
                         [](double sum, const auto& of) { return sum + static_cast<double>(of.second); });
}

// The part that two profiles have in common, 0 to 1 (Renkonen, 1938).
double InCommon(const Languages& a, const Languages& b) {
  const double all_a = Sum(a);
  const double all_b = Sum(b);
  double common = 0;
  for (const auto& [lang, people] : a) {
    const auto other = b.find(lang);
    if (other == b.end()) continue;
    common += std::min(static_cast<double>(people) / all_a, static_cast<double>(other->second) / all_b);
  }
  return common;
}

// `people` by hash, each with what they spoke.
template <class People>
Languages CountByLanguage(const People& people) {
  Languages counts;
  for (const auto& [author, person] : people) {
    if (const std::string_view lang = person.spoken.Most(); !lang.empty()) ++counts[std::string(lang)];
  }
  return counts;
}

std::string Most(const Languages& people) {
  const auto most = std::ranges::max_element(people, {}, [](const auto& of) { return of.second; });
  return most == people.end() ? std::string() : most->first;
}

}  // namespace

void Spoken::Add(std::string_view lang) {
  if (lang.empty()) return;
  const auto known = std::ranges::find(posts_, lang, [](const auto& of) { return std::string_view(of.first); });
  if (known != posts_.end()) {
    ++known->second;
  } else {
    posts_.emplace_back(lang, 1);
  }
}

std::string_view Spoken::Most() const {
  const auto most = std::ranges::min_element(posts_, {}, [](const auto& of) {
    return std::tuple(-static_cast<std::int64_t>(of.second), std::string_view(of.first));
  });
  return most == posts_.end() ? std::string_view() : std::string_view(most->first);
}

void KinCandidate::Add(const Post& post, bool first) {
  const auto [at, fresh] = people_.try_emplace(AuthorHash(post.author, salt_));
  Person& person = at->second;
  if (fresh) person.first_at = post.created_at;
  person.spoken.Add(post.lang);
  person.first_at = std::min(person.first_at, post.created_at);
  person.first |= first;
  (Mentions(post, than_) ? person.with : person.alone) = true;
}

void KinCandidate::AddFirst(const Post& post) {
  Add(post, true);
}

void KinCandidate::AddLater(const Post& post) {
  Add(post, false);
}

std::vector<Timestamp> KinCandidate::FirstUses() const {
  std::vector<Timestamp> times;
  for (const auto& [author, person] : people_) {
    if (person.first) times.push_back(person.first_at);
  }
  std::ranges::sort(times);
  return times;
}

Languages KinCandidate::PeopleByLanguage() const {
  return CountByLanguage(people_);
}

const Languages& TopicKin::PeopleByLanguage() const {
  if (!languages_) languages_ = CountByLanguage(carriers_);
  return *languages_;
}

void TopicKin::AddPost(const Post& post) {
  const std::uint64_t author = AuthorHash(post.author, salt_);
  const auto [carrier, fresh] = carriers_.try_emplace(author, Carrier{.first_at = post.created_at, .spoken = {}});
  carrier->second.first_at = std::min(carrier->second.first_at, post.created_at);
  carrier->second.spoken.Add(post.lang);
  languages_.reset();
  for (const Mention& mention : post.mentions) {
    if (mention.topic != topic_) used_with_[std::string(mention.topic)].insert(author);
  }
}

void TopicKin::AddBystander(const Post& post) {
  const std::uint64_t author = AuthorHash(post.author, salt_);
  for (const Mention& mention : post.mentions) {
    if (mention.topic != topic_) bystanders_[std::string(mention.topic)].try_emplace(author, post.lang);
  }
}

std::vector<std::string> TopicKin::Candidates(std::size_t limit) const {
  struct Row {
    double distance;  // from chance, in about standard deviations
    std::string name;
  };
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, absl::flat_hash_set<std::uint64_t> users) {
    std::uint64_t others = 0;
    if (const auto of = bystanders_.find(name); of != bystanders_.end()) {
      for (const auto& [author, lang] : of->second) {
        if (carriers_.contains(author)) {
          users.insert(author);
        } else {
          ++others;
        }
      }
    }
    if (users.size() < kCarriersMin) return;
    rows.push_back({static_cast<double>(users.size()) / std::sqrt(1 + static_cast<double>(others)), name});
  };
  for (const auto& [name, users] : used_with_) add(name, users);
  for (const auto& [name, users] : bystanders_) {
    if (!used_with_.contains(name)) add(name, {});
  }
  std::ranges::sort(rows, {}, [](const Row& row) { return std::tuple(-row.distance, std::string_view(row.name)); });
  std::vector<std::string> names;
  for (Row& row : rows) {
    if (names.size() == limit) break;
    names.push_back(std::move(row.name));
  }
  return names;
}

bool TopicKin::SpeaksAnother(const KinCandidate& candidate) const {
  const Languages& ours = PeopleByLanguage();
  const Languages theirs = candidate.PeopleByLanguage();
  if (ours.empty() || theirs.empty() || Most(ours) == Most(theirs)) return false;
  const double common = InCommon(ours, theirs);
  if (common >= kSameLanguages) return false;
  const double less = kSameLanguages - common;
  return std::exp(-2 * std::min(Sum(ours), Sum(theirs)) * less * less) <= kLanguageChance;
}

bool TopicKin::MaySpeakTheSame(const KinCandidate& candidate) const {
  const Languages& ours = PeopleByLanguage();
  const Languages theirs = candidate.PeopleByLanguage();
  return Sum(ours) < kCarriersMin || Sum(theirs) < kCarriersMin || InCommon(ours, theirs) > kSameLanguages;
}

TopicKin::Chance TopicKin::ChanceOf(const std::string& name, const Languages& people) const {
  struct Seen {
    double uses = 0;
    double by_carriers = 0;
    absl::flat_hash_set<std::uint64_t> carriers = {};
  };
  std::map<std::string_view, Seen> seen;  // bystanders' uses by language
  for (const auto& [topic, users] : bystanders_) {
    if (topic == name) continue;
    for (const auto& [author, lang] : users) {
      Seen& of = seen[lang];
      ++of.uses;
      if (!carriers_.contains(author)) continue;
      ++of.by_carriers;
      of.carriers.insert(author);
    }
  }
  // The sum of one negative binomial a language, by its mean and variance.
  double mean = 0;
  double spread = 0;
  for (const auto& [lang, count] : people) {
    // Where no bystander was seen, everybody might be a carrier.
    const Seen& of = seen[lang];
    const double expected = static_cast<double>(count) * (1 + of.by_carriers) / (1 + of.uses);
    mean += expected;
    // The rate is known only as well as the people are many: what one of them uses besides is no news.
    spread += expected * expected / (1 + static_cast<double>(of.carriers.size()));
  }
  return {.mean = mean, .shape = mean * mean / std::max(spread, 1e-12)};
}

// Had both been used together from the start, the candidate would not have had to wait so long for its third person.
bool TopicKin::CameLater(const std::string& name, Timestamp third_at) const {
  const auto with = used_with_.find(name);
  if (with == used_with_.end()) return false;
  const double share = static_cast<double>(with->second.size()) / static_cast<double>(carriers_.size());
  const auto before = static_cast<double>(
      std::ranges::count_if(carriers_, [&](const auto& carrier) { return carrier.second.first_at < third_at; }));
  if (before < kBegun || share >= 1) return false;
  // P(X < 3) of a binomial.
  const double none = std::pow(1 - share, before);
  const double odds = share / (1 - share);
  return none * (1 + before * odds + before * (before - 1) / 2 * odds * odds) < kLaterChance;
}

bool TopicKin::IsSuccessor(const std::string& name, const KinCandidate& candidate) const {
  const auto uses = candidate.FirstUses();
  if (uses.size() < kPeopleMin || !MaySpeakTheSame(candidate)) return false;
  const Timestamp begun_at = uses[kBegun - 1];
  const auto alone = std::ranges::count_if(candidate.people_, [](const auto& of) { return of.second.alone; });
  return begun_at > trended_at_ && CameLater(name, begun_at) &&
         static_cast<std::uint64_t>(alone) * kAloneShare >= candidate.people_.size();
}

std::optional<TopicKin::Kin> TopicKin::Judge(const std::string& name, const KinCandidate& candidate,
                                             std::size_t candidates, const TrendedSince& trended_since) const {
  const auto uses = candidate.FirstUses();
  if (uses.size() < kBegun || candidate.people_.size() < kPeopleMin) return std::nullopt;
  const bool sister = SpeaksAnother(candidate);
  if (!sister && !IsSuccessor(name, candidate)) return std::nullopt;

  Kin kin{.kind = sister ? Kind::kSister : Kind::kSuccessor,
          .lang = Most(candidate.PeopleByLanguage()),
          .first_at = uses.front()};
  Languages people;
  for (const auto& [author, person] : candidate.people_) {
    if (!sister && !person.first) continue;
    ++kin.authors;
    ++people[std::string(person.spoken.Most())];
    const auto carrier = carriers_.find(author);
    const bool carried = carrier != carriers_.end() && (sister || carrier->second.first_at <= person.first_at);
    kin.carriers += carried || person.with ? 1 : 0;
  }
  if (kin.carriers < kCarriersMin) return std::nullopt;
  const Chance chance = ChanceOf(name, people);
  kin.lift = static_cast<double>(kin.carriers) / chance.mean;
  if (sister ? kin.lift < kSisterLift : kin.carriers * kGrownShare < kin.authors) return std::nullopt;
  const double decades = TailDecades(static_cast<double>(kin.carriers), chance.mean, chance.shape);
  if (decades < kErrorDecades + std::log10(static_cast<double>(candidates))) return std::nullopt;
  // A tag of every day has people in common with any large topic, and may seem new where the stream began of late.
  const Timestamp days_from = trended_at_ - kDaysBefore;
  if (sister && !trended_since(uses[kBegun - 1] < days_from ? days_from : kTimestampMin)) return std::nullopt;
  return kin;
}

}  // namespace tagswell
