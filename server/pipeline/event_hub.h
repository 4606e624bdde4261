// From the event log to subscribers. Every subscriber has a cursor; one thread moves the cursors forward, out of memory
// for those at the head and out of the log for those behind, so that there is no seam between replayed and live.
// A subscriber that does not read is closed by its mailbox; nobody waits for it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "proto/trend_event.h"

namespace tagswell {

class EventLog;
class Mailbox;

// Empty lists let everything through; several values are OR, several lists are AND.
struct EventFilter {
  std::vector<std::string> scopes;
  std::vector<std::string> topics;
  std::vector<TrendEventType> types;
  bool Passes(const TrendEvent& event) const;
};

enum class EventEncoding : unsigned char { kJson, kProtobuf, kEventStream };

struct Subscription {
  std::shared_ptr<Mailbox> mailbox;
  EventFilter filter;
  EventEncoding encoding = EventEncoding::kJson;
  std::uint64_t after_seq = 0;  // the first event it gets is the next one that passes
  bool live = false;            // it has had all there was when it came
};

class EventHub {
 public:
  // `log` and `epoch` outlive the hub.
  EventHub(const EventLog& log, const std::string& epoch);
  ~EventHub();

  // Tells the hub of events that are in the log now. Any one thread.
  void Publish(std::span<const TrendEvent> events);

  // Serves the subscription until its mailbox closes. Any thread.
  void Add(Subscription subscription);

  // Called for every published event, on the publisher's thread; for replays. Set before the first Publish.
  void SetListener(std::function<void(const TrendEvent&)> listener);

  // Waits until every live subscriber was handed everything published so far.
  void Drain();

  // Closes all subscribers with 1001 and ends the thread. Idempotent.
  void Stop();

  std::size_t subscribers() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
