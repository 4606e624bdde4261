#include "server/net/subscriber.h"

#include <utility>

namespace tagswell {

Subscriber::Subscriber(Connection& connection, std::shared_ptr<StreamHandler> handler)
    : connection_(connection),
      limits_(connection.loop().shared().options.limits),
      handler_(std::move(handler)),
      mailbox_(std::make_shared<Mailbox>(limits_.mailbox_bytes_max, [weak = connection.weak_from_this()] {
        if (const auto target = weak.lock()) target->Wake();
      })) {}

Subscriber::~Subscriber() = default;

void Subscriber::Start() {
  heard_ = pinged_ = connection_.loop().tick();
  if (ServerObserver* observer = connection_.loop().shared().observer) observer->OnSubscriberOpened();
  handler_->OnOpen(mailbox_);
}

void Subscriber::OnClosed() {
  mailbox_->Disconnect();
  if (ServerObserver* observer = connection_.loop().shared().observer) observer->OnSubscriberClosed(why_);
  handler_->OnClose();
}

void Subscriber::CloseNow(std::string_view why) {
  if (!ended()) why_ = why;
  connection_.Close();
}

void Subscriber::AbortNow(std::string_view why) {
  if (!ended()) why_ = why;
  connection_.Abort();
}

void Subscriber::HeardFromPeer() {
  heard_ = connection_.loop().tick();
}

// What resumes reading wakes nobody where a wake-up is already on its way, and emptying the mailbox is what ends that
// one. So reading is looked at after it, never before: what is resumed later wakes again.
void Subscriber::OnWake() {
  Flush();
  GoOnReading();
}

void Subscriber::Flush() {
  if (connection_.Closed() || connection_.Writing()) return;
  std::string& out = connection_.loop().scratch();
  out.clear();
  out.swap(urgent_);
  if (!ended_) {
    mailbox_->Take(taken_);
    for (const Mailbox::Item& item : taken_.items) payload_out_ += item.frame->size();
    if (!taken_.items.empty()) AppendItems(taken_.items, out);
    taken_.items.clear();
    if (taken_.close) {
      AppendEnd(taken_.code, taken_.reason, taken_.overflown, out);
      ended_ = true;
      if (!ending_) why_ = taken_.overflown ? "overflow" : "server";
      deadline_ = connection_.loop().TickIn(limits_.close_timeout);
    }
  }
  if (out.empty()) return;
  write_since_ = connection_.loop().tick();
  if (connection_.Write(out)) Written();
}

void Subscriber::Written() {
  mailbox_->Written(std::exchange(payload_out_, 0));
  if (ended_ && urgent_.empty()) AfterEnd();
}

void Subscriber::OnWritten() {
  Written();
  Flush();
  GoOnReading();
}

void Subscriber::End(CloseCode code, std::string_view reason, std::string_view why) {
  if (ended()) return;
  ending_ = true;
  why_ = why;
  deadline_ = connection_.loop().TickIn(limits_.close_timeout);
  mailbox_->Close(code, std::string(reason));
  Flush();
}

void Subscriber::OnTick() {
  const std::uint64_t now = connection_.loop().tick();
  if (deadline_ != 0) {
    if (now >= deadline_) connection_.Abort();
    return;
  }
  if (connection_.Writing()) {
    if (!mailbox_->IsOpen()) {
      // It overflowed, or was told to go, and does not take what is on its way. As long as any write may last it can
      // still read on and be told why.
      why_ = "overflow";
      deadline_ = connection_.loop().TickIn(limits_.subscriber_timeout);
    } else if (now > write_since_ + static_cast<std::uint64_t>(limits_.subscriber_timeout.count())) {
      return AbortNow("idle");
    }
  }
  const auto interval = static_cast<std::uint64_t>(limits_.ping_interval.count());
  const auto patience = interval + static_cast<std::uint64_t>(limits_.pong_timeout.count());
  if (AnswersPings() && !mailbox_->ReadingPaused() && now > heard_ + patience) return AbortNow("idle");
  if (now < pinged_ + interval || connection_.Writing()) return;
  pinged_ = now;
  AppendPing(urgent_);
  Flush();
}

void Subscriber::OnDrain() {
  mailbox_->Close(CloseCode::kGoingAway, "the server is shutting down");
  Flush();
}

}  // namespace tagswell
