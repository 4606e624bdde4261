#include "server/api/remote_read_series.h"

#include <algorithm>
#include <utility>

#include "server/api/parameters.h"

namespace tagswell {
namespace {

// A series of authors looks back an hour from its first sample.
constexpr int kLookBackMinutes = 60;

std::expected<std::vector<std::string>, Error> ScopesOf(const HistoryExtent& extent, const SeriesQuery& query,
                                                        const ReadLimits& limits) {
  const auto is_scope = [](const LabelMatcher& matcher) { return matcher.label() == "scope"; };
  if (std::ranges::none_of(query.matchers, is_scope)) return std::vector<std::string>{"world"};
  auto scopes = NamedValues(query.matchers, "scope").value_or(extent.scopes);
  std::erase_if(scopes,
                [&](const std::string& scope) { return !IsScope(scope) || !AllMatch(query.matchers, "scope", scope); });
  if (scopes.size() > limits.scopes_max) {
    return std::unexpected(Error{"too_many_scopes",
                                 "The selector means " + std::to_string(scopes.size()) + " scopes, the limit is " +
                                     std::to_string(limits.scopes_max) + ". Name those you need.",
                                 "scope"});
  }
  std::ranges::sort(scopes);
  return scopes;
}

std::size_t MinutesOf(const SeriesQuery& query) {
  return static_cast<std::size_t>(query.last - query.first + 1);
}

std::expected<void, Error> CheckSamples(std::size_t topics, const SeriesQuery& query, const ReadLimits& limits,
                                        std::size_t samples) {
  const std::size_t minutes = MinutesOf(query);
  if (topics <= (limits.samples_max - samples) / minutes) return {};
  return std::unexpected(Error{"too_many_samples", "exceeded sample limit (" + std::to_string(limits.samples_max) +
                                                       "): " + std::to_string(topics) +
                                                       " topics have a sample at each of " + std::to_string(minutes) +
                                                       " minutes. Name fewer topics or ask for a shorter range."});
}

// Names of topics that the selector may mean, in order.
std::expected<std::vector<std::string>, Error> TopicsOf(const History& history, const HistoryExtent& extent,
                                                        const SeriesQuery& query, const std::string& scope,
                                                        const ReadLimits& limits, std::size_t samples) {
  const auto accepts = [&](std::string_view key) {
    return extent.groups->Shows(key) && AllMatch(query.matchers, "topic", ShownTopic(key));
  };
  std::vector<std::string> topics;
  if (auto named = NamedValues(query.matchers, "topic"); named && !query.labels_only) {
    topics = std::move(*named);
    std::erase_if(topics, [&](const std::string& topic) { return !accepts(extent.groups->KeyOf(topic)); });
    return topics;
  }
  const std::size_t most =
      std::clamp((limits.samples_max - samples) / MinutesOf(query), limits.topics_min, limits.topics_max);
  const bool authors = query.what == CurveOf::kAuthorsOfHour;
  const Minute from = authors ? query.first - kLookBackMinutes : query.first;
  auto top = history.Top(scope, from, query.last, authors ? TopBy::kAuthors : TopBy::kPosts, most,
                         {.accepts = accepts, .rows_max = limits.rows_max});
  if (!top) return std::unexpected(top.error());
  for (TopRow& row : *top) topics.push_back(std::move(row.topic));
  std::ranges::sort(topics);
  return topics;
}

// The samples of a curve; none when there is nothing but zeros.
std::vector<double> ValuesOf(CurveOf what, const Curve& curve) {
  if (std::ranges::all_of(curve, [](std::uint32_t value) { return value == 0; })) return {};
  if (what == CurveOf::kAuthorsOfHour) return {curve.begin(), curve.end()};
  std::vector<double> values{0};
  for (const std::uint32_t posts : curve) values.push_back(values.back() + posts);
  return values;
}

// The part of the query that the history can hold.
std::expected<void, Error> Clamp(const History& history, const HistoryExtent& extent, SeriesQuery& query) {
  const auto first = history.First();
  if (!first) return std::unexpected(first.error());
  query.first = std::max(query.first, first->value_or(extent.end));
  query.last = std::min(query.last, extent.end);
  return {};
}

}  // namespace

std::expected<std::vector<TopicSeries>, Error> ReadSeries(const History& history, const HistoryExtent& extent,
                                                          SeriesQuery query, const ReadLimits& limits,
                                                          std::size_t& samples) {
  std::vector<TopicSeries> found;
  if (auto clamped = Clamp(history, extent, query); !clamped) return std::unexpected(clamped.error());
  const Minute curve_end = query.what == CurveOf::kPosts ? query.last : query.last + 1;
  if (curve_end <= query.first) return found;
  const auto scopes = ScopesOf(extent, query, limits);
  if (!scopes) return std::unexpected(scopes.error());
  for (const std::string& scope : *scopes) {
    if (!query.labels_only) {
      if (auto checked = CheckSamples(1, query, limits, samples); !checked) return std::unexpected(checked.error());
    }
    const auto topics = TopicsOf(history, extent, query, scope, limits, samples);
    if (!topics) return std::unexpected(topics.error());
    if (query.labels_only) {
      for (const std::string& topic : *topics) found.push_back({query.what, topic, scope, query.first, {}});
      continue;
    }
    if (auto checked = CheckSamples(topics->size(), query, limits, samples); !checked)
      return std::unexpected(checked.error());
    std::vector<std::string_view> keys;
    for (const std::string& topic : *topics) keys.push_back(extent.groups->KeyOf(topic));
    const auto curves = history.Curves(keys, scope, query.first, curve_end, query.what, limits.rows_max);
    if (!curves) return std::unexpected(curves.error());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      std::vector<double> values = ValuesOf(query.what, (*curves)[i]);
      if (values.empty()) continue;
      samples += values.size();
      found.push_back({query.what, (*topics)[i], scope, query.first, std::move(values)});
    }
  }
  return found;
}

}  // namespace tagswell
