#include "server/webhooks/webhook_courier.h"

#include <algorithm>
#include <utility>

#include "proto/trend_event.h"
#include "server/logging.h"
#include "server/thread_role.h"
#include "server/webhooks/outbound_http.h"
#include "server/webhooks/signature.h"

namespace tagswell {
namespace {

constexpr std::size_t kPageEvents = 256;
constexpr int kDoublingsMax = 24;

std::vector<TrendEventType> TypesOf(const std::vector<std::string>& names) {
  std::vector<TrendEventType> types;
  for (const std::string& name : names) {
    if (const auto type = TrendEventTypeFromName(name)) types.push_back(*type);
  }
  return types;
}

}  // namespace

WebhookCourier::WebhookCourier(const WebhookOffice& office, std::string name, const Webhook& webhook,
                               const WebhookCursor& cursor, std::unique_ptr<WebhookCourier> before)
    : office_(office),
      name_(std::move(name)),
      url_(webhook.url),
      key_(WebhookKey(webhook.secret).value_or("")),
      filter_{.scopes = webhook.scopes, .topics = webhook.topics, .types = TypesOf(webhook.types)},
      before_(std::move(before)),
      cursor_(cursor),
      thread_(&WebhookCourier::Run, this) {}

WebhookCourier::~WebhookCourier() {
  Stop();
  thread_.join();
}

void WebhookCourier::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  office_.bell.Ring();
}

WebhookCourier::Progress WebhookCourier::Now() const {
  const std::lock_guard lock(mutex_);
  return {cursor_, last_error_};
}

bool WebhookCourier::Pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return stopping_.load(); });
  return !stopping_;
}

bool WebhookCourier::Passes(const TrendEvent& event) const {
  EventFilter filter = filter_;
  for (std::string& topic : filter.topics) topic = office_.topic_now(topic);
  return filter.Passes(event);
}

bool WebhookCourier::Advance(const WebhookCursor& cursor, const std::optional<DeadLetter>& dead) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  if (auto advanced = office_.table.Advance(name_, cursor, dead); !advanced)
    Log(LogLevel::kError, "the cursor of a webhook cannot be stored",
        {{"webhook", name_}, {"detail", advanced.error().detail}});
  cursor_ = cursor;
  return true;
}

// True when the event needs no more of us; false at the end.
bool WebhookCourier::Deliver(const TrendEvent& event, OutboundHttp& sender) {
  const std::string body = EventToJson(event, office_.epoch);
  const std::string id = office_.epoch + "-" + std::to_string(event.seq);
  while (!stopping_) {
    const auto timestamp =
        std::chrono::duration_cast<std::chrono::seconds>(office_.clock.Now().time_since_epoch()).count();
    const auto posted = sender.Post(url_,
                                    {"Content-Type: application/json", "User-Agent: tagswell",
                                     "Expect:", "webhook-id: " + id, "webhook-timestamp: " + std::to_string(timestamp),
                                     "webhook-signature: " + WebhookSignature(key_, id, timestamp, body)},
                                    body);
    WebhookCursor cursor = Now().cursor;
    {
      const std::lock_guard lock(mutex_);
      last_error_ = posted ? "" : posted.error();
    }
    if (posted) return Advance({.after_seq = event.seq});
    const Timestamp now = office_.clock.Now();
    if (cursor.attempts++ == 0) cursor.failing_since = now;
    if (now - cursor.failing_since >= office_.rules.give_up) {
      Log(LogLevel::kWarn, "an event was not taken",
          {{"webhook", name_}, {"seq", event.seq}, {"reason", posted.error()}});
      return Advance({.after_seq = event.seq},
                     DeadLetter{.seq = event.seq, .at = now, .attempts = cursor.attempts, .reason = posted.error()});
    }
    if (!Advance(cursor)) return false;
    const int doublings = static_cast<int>(std::min<std::uint64_t>(cursor.attempts - 1, kDoublingsMax));
    if (!Pause(std::min(office_.rules.retry_first * (1 << doublings), office_.rules.retry_longest))) return false;
  }
  return false;
}

void WebhookCourier::Run() {
  TakeRole("webhook", Urgency::kCounting);
  before_.reset();
  Carry();
  ended_ = true;
}

void WebhookCourier::Carry() {
  OutboundHttp sender(office_.addresses, stopping_);
  while (!stopping_) {
    const std::uint64_t heard = office_.bell.rung();
    auto events = office_.events.Read(Now().cursor.after_seq, kPageEvents);
    if (!events) {
      Log(LogLevel::kError, "events cannot be read", {{"webhook", name_}, {"detail", events.error().detail}});
      if (!Pause(office_.rules.retry_first)) return;
      continue;
    }
    std::uint64_t passed = 0;
    for (const TrendEvent& event : *events) {
      passed = event.seq;
      if (Passes(event) && !Deliver(event, sender)) return;
    }
    if (passed > Now().cursor.after_seq) Advance({.after_seq = passed});
    if (!events->empty()) continue;
    office_.bell.Wait(heard, stopping_);
  }
}

}  // namespace tagswell
