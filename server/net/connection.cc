#include "server/net/connection.h"

#include <utility>

namespace tagswell {
namespace {

constexpr std::chrono::seconds kOpenTimeout{10};   // a TLS handshake
constexpr std::chrono::seconds kLingerTimeout{2};  // for a peer to read our last words
constexpr std::size_t kDiscardBytes = 16 * 1024;

}  // namespace

thread_local const Connection* Connection::in_handler = nullptr;

Connection::Connection(IoLoop& loop, std::unique_ptr<Transport> transport, Peer peer)
    : loop_(loop),
      inbox_(loop.inbox()),
      transport_(std::move(transport)),
      peer_(std::move(peer)),
      patience_(loop.shared().options.limits.answer_timeout, loop.shared().options.limits.bytes_per_second_min) {}

void Connection::Start(std::unique_ptr<Protocol> protocol) {
  protocol_ = std::move(protocol);
  loop_.Add(shared_from_this());
  deadline_ = loop_.TickIn(kOpenTimeout);
  transport_->Open(shared_from_this());
}

void Connection::OnOpened(bool ok) {
  if (closed_) return;
  if (!ok) return Close();
  opened_ = true;
  deadline_ = 0;
  protocol_->Start();
  if (loop_.draining()) Drain();
}

void Connection::Drain() {
  if (closed_ || draining_) return;
  draining_ = true;
  if (!opened_) return Close();
  if (!lingering_) protocol_->OnDrain();
}

void Connection::Tick() {
  if (closed_) return;
  if (lingering_) {
    if (PeerStalls()) return Abort();
    if (loop_.tick() >= deadline_ && !unread_) Close();
    return;
  }
  if (deadline_ != 0 && loop_.tick() >= deadline_) return Close();
  if (opened_) protocol_->OnTick();
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  transport_->Close();
  protocol_->OnClosed();
  Wake();  // calls into the protocol may be under way: it goes when they are over
  --loop_.shared().connections;
  loop_.Remove(shared_from_this());
}

void Connection::Abort() {
  if (!closed_) transport_->Abort();
  Close();
}

bool Connection::PeerStalls() {
  if (!unread_) return false;
  const SendProgress progress = transport_->Progress();
  if (progress.waiting == 0 && !writing_) {
    unread_ = false;
    unread_until_ = 0;
    return false;
  }
  if (progress.taken < unread_until_) return patience_.Over(loop_.tick(), progress.taken);
  // All that was out when this was asked last is taken: what is out now has its own time.
  unread_until_ = progress.taken + progress.waiting;
  patience_.Start(loop_.tick(), progress.taken);
  return false;
}

// A reply that is still out keeps the Connection, perhaps longer than the loop. What needs the loop must not wait.
void Connection::ReleaseWhenQuiet() {
  if (reading_ || writing_) return;
  replaced_.reset();
  protocol_.reset();
  transport_.reset();
}

bool Connection::Write(std::string_view first, std::string_view second) {
  if (closed_) return false;
  unread_ = true;
  if (writing_) {
    queued_.append(first).append(second);
    return false;
  }
  const std::size_t total = first.size() + second.size();
  const std::size_t sent = transport_->WriteNow(first, second);
  if (sent == total) return true;
  unsent_.clear();
  if (sent < first.size()) unsent_ = first.substr(sent);
  unsent_ += second.substr(sent > first.size() ? sent - first.size() : 0);
  writing_ = true;
  transport_->Write(unsent_, shared_from_this());
  return false;
}

void Connection::OnWriteDone(bool ok) {
  writing_ = false;
  std::string().swap(unsent_);
  if (closed_) return ReleaseWhenQuiet();
  if (!ok) return Close();
  if (!queued_.empty()) {
    unsent_.swap(queued_);
    writing_ = true;
    return transport_->Write(unsent_, shared_from_this());
  }
  replaced_.reset();
  protocol_->OnWritten();
}

void Connection::Read() {
  if (reading_ || closed_ || lingering_) return;
  const std::span<char> space = protocol_->ReadSpace();
  if (space.empty()) return;
  reading_ = true;
  if (space.data() == loop_.sink().data()) return transport_->Skip(space, shared_from_this());
  transport_->Read(space, shared_from_this());
}

void Connection::OnReadDone(bool ok, std::size_t bytes) {
  reading_ = false;
  if (closed_) return ReleaseWhenQuiet();
  if (lingering_) {
    if (!ok) return Close();
    reading_ = true;
    return transport_->Read(unsent_, shared_from_this());
  }
  replaced_.reset();
  if (!ok) return protocol_->OnEnd();
  protocol_->OnRead(bytes);
  if (!closed_) Read();
}

void Connection::Linger() {
  if (closed_ || lingering_) return;
  lingering_ = true;
  deadline_ = loop_.TickIn(kLingerTimeout);
  transport_->ShutdownSend();
  unsent_.resize(kDiscardBytes);
  if (reading_) return;  // that read goes on into the protocol's memory, which stays
  reading_ = true;
  transport_->Read(unsent_, shared_from_this());
}

void Connection::Become(std::unique_ptr<Protocol> protocol) {
  replaced_ = std::exchange(protocol_, std::move(protocol));
  protocol_->Start();
  if (draining_ && !closed_) protocol_->OnDrain();
}

std::optional<Response> Connection::TakeReply() {
  if (!replied_.load(std::memory_order_acquire)) return std::nullopt;
  replied_.store(false, std::memory_order_relaxed);
  return std::move(reply_);
}

void Connection::Deliver(Response response) {
  reply_ = std::move(response);
  replied_.store(true, std::memory_order_release);
  if (in_handler == this) return;
  Wake();
}

void Connection::Wake() {
  inbox_->Put(shared_from_this());
}

void Connection::OnWake() {
  if (closed_) return ReleaseWhenQuiet();
  if (lingering_) return;
  replaced_.reset();
  protocol_->OnWake();
}

}  // namespace tagswell
