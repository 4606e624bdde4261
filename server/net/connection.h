// One accepted socket: owns its transport, and what is spoken on it (HTTP first, perhaps something else after).
// Everything on its loop's thread, except Deliver() and Wake().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/net/http.h"
#include "server/net/inbox.h"
#include "server/net/io_loop.h"
#include "server/net/ip_address.h"
#include "server/net/patience.h"
#include "server/net/router.h"
#include "server/net/transport.h"

namespace tagswell {

// What a connection speaks. Owned by its Connection; may replace itself by Connection::Become.
class Protocol {
 public:
  virtual ~Protocol() = default;
  virtual void Start() = 0;
  // Where the next bytes go. Empty: nothing is read now. Of the loop's sink: nobody wants them.
  virtual std::span<char> ReadSpace() = 0;
  virtual void OnRead(std::size_t bytes) = 0;  // they came
  virtual void OnEnd() = 0;                    // the peer sends no more
  virtual void OnWritten() = 0;                // a Write that had to wait is out
  virtual void OnWake() = 0;                   // Deliver() or Wake() was called
  virtual void OnTick() = 0;                   // once a second
  virtual void OnDrain() = 0;                  // the server stops: finish
  virtual void OnClosed() = 0;                 // the last call
};

// Who is at the other end, and of which routes it may hear.
struct Peer {
  IpAddress address;
  std::string text;  // "127.0.0.1:4711"
  const Router& router;
};

class Connection final : public std::enable_shared_from_this<Connection>,
                         public TransportEvents,
                         public Wakeable,
                         public ReplySink {
 public:
  Connection(IoLoop& loop, std::unique_ptr<Transport> transport, Peer peer);

  void Start(std::unique_ptr<Protocol> protocol);
  void Drain();
  void Tick();
  void Close();  // at once; idempotent
  void Abort();  // the same, and what the peer has not taken is thrown away

  // --- for protocols ---
  IoLoop& loop() { return loop_; }
  const Peer& peer() const { return peer_; }
  // Sends what goes at once and keeps a copy of the rest, behind what waits already. True: all is out. False:
  // OnWritten() follows, or the end.
  bool Write(std::string_view first, std::string_view second = {});
  bool Writing() const { return writing_; }
  // Whether the peer takes too little of what was written to it, whether or not that has left us: for answer_timeout
  // less than bytes_per_second_min. To be asked once a tick.
  bool PeerStalls();
  void Read();    // go on reading, if ReadSpace() has room and no read is under way
  void Linger();  // half-close and discard what still comes, so that the peer gets our last words; then close
  void Become(std::unique_ptr<Protocol> protocol);
  bool Closed() const { return closed_; }

  // Runs `handler`; a reply it gives before it returns needs no wake-up.
  template <class Function>
  void RunHandler(Function&& handler) {
    in_handler = this;
    handler();
    in_handler = nullptr;
  }
  std::optional<Response> TakeReply();

  // --- any thread ---
  void Deliver(Response response) override;
  void Wake();

  // --- events ---
  void OnWake() override;
  void OnOpened(bool ok) override;
  void OnReadDone(bool ok, std::size_t bytes) override;
  void OnWriteDone(bool ok) override;

 private:
  void ReleaseWhenQuiet();

  // The connection whose handler this thread is in: its reply is taken by the caller.
  static thread_local const Connection* in_handler;

  IoLoop& loop_;  // gone once closed_: late replies must not touch it
  const std::shared_ptr<Inbox> inbox_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Protocol> protocol_;
  std::unique_ptr<Protocol> replaced_;  // kept until no call into it is under way
  const Peer peer_;
  std::string unsent_;  // in the write under way
  std::string queued_;  // goes after it
  Response reply_;
  std::atomic<bool> replied_ = false;
  bool opened_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool closed_ = false;
  bool draining_ = false;
  bool lingering_ = false;
  std::uint64_t deadline_ = 0;  // tick at which opening or lingering ends; 0: none

  bool unread_ = false;             // something was written that the peer may not have taken yet
  std::uint64_t unread_until_ = 0;  // how much it has taken once it has all of that
  Patience patience_;               // with its taking it
};

}  // namespace tagswell
