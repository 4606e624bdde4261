// Brings the events of one webhook to its receiver, one after the other, from the event log, on a thread of its own: a
// receiver that stalls delays nobody else. What is not answered is tried again, ever more seldom, until it has failed
// for too long; then it is a dead letter and the next one is brought.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "server/clock.h"
#include "server/pipeline/event_hub.h"
#include "server/webhooks/address_rule.h"
#include "server/webhooks/event_bell.h"
#include "storage/event_log.h"
#include "storage/webhook_table.h"

namespace tagswell {

class OutboundHttp;

struct WebhookRules {
  std::chrono::milliseconds retry_first{500};  // the wait after the first failure; it doubles
  std::chrono::milliseconds retry_longest{3'600'000};
  std::chrono::milliseconds give_up{86'400'000};  // of failures of one event
};

// What a courier needs. All of it outlives the courier.
struct WebhookOffice {
  WebhookTable& table;
  const EventLog& events;
  const std::string& epoch;
  const Clock& clock;
  const AddressRule& addresses;
  WebhookRules rules;
  std::function<std::string(const std::string&)> topic_now;  // what a topic counts as now
  EventBell& bell;                                           // rung when there are new events
};

class WebhookCourier {
 public:
  // `before`, which was stopped, is waited for on the courier's own thread: two never bring events of one webhook.
  WebhookCourier(const WebhookOffice& office, std::string name, const Webhook& webhook, const WebhookCursor& cursor,
                 std::unique_ptr<WebhookCourier> before = {});
  // Stop(), and waits until the thread has ended: some seconds at most, while a name is being looked up.
  ~WebhookCourier();

  // Ends what is under way, which is not over then. The cursor moves no more. Never waits.
  void Stop();
  bool ended() const { return ended_; }

  struct Progress {
    WebhookCursor cursor;
    std::string last_error;  // of the newest attempt; empty when it was a success, or there was none yet
  };
  Progress Now() const;

 private:
  void Run();
  void Carry();
  bool Deliver(const TrendEvent& event, OutboundHttp& sender);
  bool Passes(const TrendEvent& event) const;
  // False: stopped before.
  bool Advance(const WebhookCursor& cursor, const std::optional<DeadLetter>& dead = {});
  // Waits so long, or until the end. False: the end.
  bool Pause(std::chrono::milliseconds time);

  const WebhookOffice& office_;
  const std::string name_;
  const std::string url_;
  const std::string key_;
  EventFilter filter_;
  std::unique_ptr<WebhookCourier> before_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> ended_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  WebhookCursor cursor_;
  std::string last_error_;
  std::thread thread_;
};

}  // namespace tagswell
