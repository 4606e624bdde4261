// What one connector of the configuration tells Prometheus. Labels are bounded by the configuration and by what is
// named here.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tagswell {

// Thread-safe. All have the label connector="…", those of streams besides the default one stream="…" too.
class ConnectorMetrics {
 public:
  // `stream` is empty for the default one.
  ConnectorMetrics(prometheus::Registry& registry, const std::string& stream, const std::string& connector);

 private:
  const prometheus::Labels labels_;

 public:
  prometheus::Gauge& connected;          // tagswell_connector_connected: 1 or 0
  prometheus::Gauge& waiting;            // tagswell_connector_waiting: 1 while this server takes none of its posts
  prometheus::Gauge& position;           // tagswell_connector_position_timestamp_seconds
  prometheus::Counter& messages;         // tagswell_connector_messages_total: acknowledged
  prometheus::Counter& gaps;             // tagswell_connector_gaps_total
  prometheus::Counter& posts_accepted;   // tagswell_connector_posts_total{result="accepted"}, and so on
  prometheus::Counter& posts_duplicate;  // counted before
  prometheus::Counter& posts_retracted;
  prometheus::Counter& posts_ignored;
  prometheus::Counter& posts_rejected;

  // tagswell_connector_faults_total{reason}: busy, refused, silent, unreachable, unsaved; any other is "other".
  void CountFault(std::string_view reason);

 private:
  std::vector<std::pair<std::string_view, prometheus::Counter*>> faults_;
};

}  // namespace tagswell
