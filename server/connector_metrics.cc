#include "server/connector_metrics.h"

#include "server/metric_families.h"

namespace tagswell {
namespace {

constexpr std::string_view kReasons[] = {"busy", "refused", "silent", "unreachable", "unsaved", "other"};

prometheus::Labels LabelsOf(const std::string& stream, const std::string& connector) {
  prometheus::Labels labels = {{"connector", connector}};
  if (!stream.empty()) labels.emplace("stream", stream);
  return labels;
}

prometheus::Counter& AddPosts(prometheus::Registry& registry, prometheus::Labels labels, const char* result) {
  labels.emplace("result", result);
  return AddCounter(registry, "tagswell_connector_posts_total",
                    "What became of the posts that a connector brought, by result.", labels);
}

}  // namespace

ConnectorMetrics::ConnectorMetrics(prometheus::Registry& registry, const std::string& stream,
                                   const std::string& connector)
    : labels_(LabelsOf(stream, connector)),
      connected(AddGauge(registry, "tagswell_connector_connected", "Whether the platform is being read.", labels_)),
      waiting(AddGauge(registry, "tagswell_connector_waiting",
                       "Whether posts of the platform wait because this server takes none.", labels_)),
      position(AddGauge(registry, "tagswell_connector_position_timestamp_seconds",
                        "When the platform sent what was acknowledged last, since the epoch in seconds.", labels_)),
      messages(AddCounter(registry, "tagswell_connector_messages_total",
                          "Messages of the platform that were acknowledged.", labels_)),
      gaps(AddCounter(registry, "tagswell_connector_gaps_total",
                      "Times of which not all is known that the platform sent.", labels_)),
      posts_accepted(AddPosts(registry, labels_, "accepted")),
      posts_duplicate(AddPosts(registry, labels_, "duplicate")),
      posts_retracted(AddPosts(registry, labels_, "retracted")),
      posts_ignored(AddPosts(registry, labels_, "ignored")),
      posts_rejected(AddPosts(registry, labels_, "rejected")) {
  for (const std::string_view reason : kReasons) {
    prometheus::Labels labels = labels_;
    labels.emplace("reason", reason);
    faults_.emplace_back(reason,
                         &AddCounter(registry, "tagswell_connector_faults_total",
                                     "Connections to the platform that failed or were lost, by reason.", labels));
  }
}

void ConnectorMetrics::CountFault(std::string_view reason) {
  for (const auto& [name, counter] : faults_) {
    if (name == reason || name == kReasons[std::size(kReasons) - 1]) return counter->Increment();
  }
}

}  // namespace tagswell
