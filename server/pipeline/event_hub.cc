#include "server/pipeline/event_hub.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "server/logging.h"
#include "server/net/mailbox.h"
#include "server/thread_role.h"
#include "storage/event_log.h"

namespace tagswell {
namespace {

// Events kept in memory, encoded, for those at the head. Who is further behind reads from the log.
constexpr std::size_t kRecentMax = 4096;
// A page from the log for one subscriber at a time, so that one with a long way to go does not hold up the others.
constexpr std::size_t kPageEvents = 256;
// Who catches up is given more when this little is still on its way.
constexpr std::size_t kCatchUpBytes = Mailbox::kDefaultBytesMax / 4;
constexpr std::chrono::milliseconds kCatchUpPause{5};

// An event with its encodings, made when first asked for and shared by all.
class EncodedEvent {
 public:
  explicit EncodedEvent(TrendEvent event) : event_(std::move(event)) {}
  const TrendEvent& event() const { return event_; }

  const Frame& As(EventEncoding encoding, const std::string& epoch) {
    Frame& frame = frames_[static_cast<std::size_t>(encoding)];
    if (frame != nullptr) return frame;
    std::string text;
    switch (encoding) {
      case EventEncoding::kJson:
        text = EventToJson(event_, epoch);
        break;
      case EventEncoding::kProtobuf:
        text = EncodeEvent(event_);
        break;
      case EventEncoding::kEventStream:
        text.append("id: ").append(std::to_string(event_.seq)).append("\nevent: ").append(Name(event_.type));
        text.append("\ndata: ").append(EventToJson(event_, epoch)).append("\n\n");
        break;
    }
    frame = std::make_shared<const std::string>(std::move(text));
    return frame;
  }

 private:
  TrendEvent event_;
  std::array<Frame, 3> frames_;
};

template <class T>
bool In(const std::vector<T>& allowed, const T& value) {
  return allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

}  // namespace

bool EventFilter::Passes(const TrendEvent& event) const {
  return In(scopes, event.scope) && In(topics, event.topic) && In(types, event.type);
}

struct EventHub::State {
  State(const EventLog& the_log, const std::string& the_epoch) : log(the_log), epoch(the_epoch) {}

  void Run();
  bool Serve(Subscription& subscription);
  bool Send(Subscription& subscription, std::span<EncodedEvent* const> events);
  void TakeIn(std::unique_lock<std::mutex>& lock);

  const EventLog& log;
  const std::string& epoch;
  std::function<void(const TrendEvent&)> listener;

  std::mutex mutex;
  std::condition_variable changed;
  std::condition_variable drained;
  std::vector<TrendEvent> published;  // not yet in `recent`
  std::vector<Subscription> arrived;  // not yet in `subscriptions`
  bool stopping = false;
  bool idle = true;

  // The hub's thread only.
  std::deque<EncodedEvent> recent;  // consecutive, oldest first
  std::vector<Subscription> subscriptions;
  std::atomic<std::size_t> count = 0;
  std::thread thread;
};

void EventHub::State::TakeIn(std::unique_lock<std::mutex>& lock) {
  std::vector<TrendEvent> events = std::exchange(published, {});
  std::vector<Subscription> fresh = std::exchange(arrived, {});
  idle = false;
  lock.unlock();
  for (TrendEvent& event : events) {
    if (!recent.empty() && event.seq != recent.back().event().seq + 1) recent.clear();
    recent.emplace_back(std::move(event));
    if (recent.size() > kRecentMax) recent.pop_front();
  }
  for (Subscription& subscription : fresh) subscriptions.push_back(std::move(subscription));
}

bool EventHub::State::Send(Subscription& subscription, std::span<EncodedEvent* const> events) {
  std::vector<Frame> frames;
  for (EncodedEvent* event : events) {
    if (subscription.filter.Passes(event->event())) frames.push_back(event->As(subscription.encoding, epoch));
  }
  if (frames.empty()) {
    subscription.after_seq = events.back()->event().seq;
    return false;
  }
  // What 1013 tells is the last event that was handed over before this.
  subscription.mailbox->SetOverflowReason("too slow, last seq " + std::to_string(subscription.after_seq));
  subscription.mailbox->Send(frames,
                             subscription.encoding == EventEncoding::kProtobuf ? FrameKind::kBinary : FrameKind::kText);
  subscription.after_seq = events.back()->event().seq;
  return true;
}

// Moves one cursor forward. True when there is more to do for it soon.
bool EventHub::State::Serve(Subscription& subscription) {
  std::vector<EncodedEvent*> events;
  const std::uint64_t next = subscription.after_seq + 1;
  const bool in_memory = !recent.empty() && next >= recent.front().event().seq;
  if (in_memory ? next > recent.back().event().seq : subscription.after_seq >= log.LastSeq()) {
    subscription.live = true;
    return false;
  }
  if (in_memory) {
    // What has gathered before it came goes out no faster than the peer reads. Then the mailbox's bound holds.
    if (!subscription.live && subscription.mailbox->QueuedBytes() > kCatchUpBytes) return true;
    for (auto at = recent.begin() + static_cast<std::ptrdiff_t>(next - recent.front().event().seq); at != recent.end();
         ++at) {
      if (!subscription.live && events.size() == kPageEvents) break;
      events.push_back(&*at);
    }
    Send(subscription, events);
    subscription.live = subscription.live || subscription.after_seq == recent.back().event().seq;
    return !subscription.live;
  }
  // Behind what is in memory: pages out of the log, no faster than the peer reads.
  if (subscription.mailbox->QueuedBytes() > kCatchUpBytes) return true;
  auto page = log.Read(subscription.after_seq, kPageEvents);
  if (!page || page->empty()) {
    subscription.mailbox->Close(CloseCode::kInternal, "events cannot be read");
    return false;
  }
  if (page->front().seq != next) {  // it fell behind what is kept
    subscription.mailbox->Close(CloseCode::kTryAgainLater, "events after " + std::to_string(next - 1) + " are dropped");
    return false;
  }
  std::deque<EncodedEvent> encoded;
  for (TrendEvent& event : *page) events.push_back(&encoded.emplace_back(std::move(event)));
  Send(subscription, events);
  return true;
}

void EventHub::State::Run() {
  TakeRole("hub", Urgency::kAnswering);
  bool more = false;
  std::unique_lock lock(mutex);
  while (true) {
    const auto something = [this] { return stopping || !published.empty() || !arrived.empty(); };
    if (more) {
      changed.wait_for(lock, kCatchUpPause, something);
    } else {
      idle = !something();
      if (idle) drained.notify_all();
      changed.wait(lock, something);
    }
    const bool last = stopping;
    TakeIn(lock);
    more = false;
    for (Subscription& subscription : subscriptions) more |= Serve(subscription);
    std::erase_if(subscriptions, [](const Subscription& subscription) { return !subscription.mailbox->IsOpen(); });
    count = subscriptions.size();
    if (last) {
      for (Subscription& subscription : subscriptions)
        subscription.mailbox->Close(CloseCode::kGoingAway, "server is shutting down");
      lock.lock();
      idle = true;
      drained.notify_all();
      return;
    }
    lock.lock();
  }
}

EventHub::EventHub(const EventLog& log, const std::string& epoch) : state_(std::make_unique<State>(log, epoch)) {
  state_->thread = std::thread(&State::Run, state_.get());
}

EventHub::~EventHub() {
  Stop();
}

void EventHub::SetListener(std::function<void(const TrendEvent&)> listener) {
  state_->listener = std::move(listener);
}

void EventHub::Publish(std::span<const TrendEvent> events) {
  if (state_->listener) {
    for (const TrendEvent& event : events) state_->listener(event);
  }
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) return;
    state_->published.insert(state_->published.end(), events.begin(), events.end());
  }
  state_->changed.notify_one();
}

void EventHub::Add(Subscription subscription) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) {
      subscription.mailbox->Close(CloseCode::kGoingAway, "server is shutting down");
      return;
    }
    state_->arrived.push_back(std::move(subscription));
  }
  state_->changed.notify_one();
}

void EventHub::Drain() {
  std::unique_lock lock(state_->mutex);
  state_->drained.wait(lock, [this] { return state_->idle && state_->published.empty() && state_->arrived.empty(); });
}

void EventHub::Stop() {
  if (!state_->thread.joinable()) return;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
}

std::size_t EventHub::subscribers() const {
  return state_->count;
}

}  // namespace tagswell
