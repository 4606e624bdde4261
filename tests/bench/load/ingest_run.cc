#include "tests/bench/load/ingest_run.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <vector>

#include "tests/bench/load/connection.h"
#include "tests/bench/load/post_pool.h"
#include "tests/bench/load/report.h"

namespace tagswell::load {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPauseAfterRefusal = 10ms;
// Requests made before answers are looked at: else an answer that came would wait for all that is due.
constexpr std::size_t kBurst = 4;

struct Batch {
  Clock::time_point due;  // flat out: when it was sent
  Clock::time_point sent;
};

struct Peer {
  Connection connection;
  std::deque<Batch> under_way;  // unanswered
  Clock::time_point not_before;
  bool blocked = false;  // waits for the socket to take more
};

std::string RunName() {
  const auto now = std::chrono::system_clock::now().time_since_epoch() / 1ms;
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x",
                static_cast<unsigned>(now) ^ (static_cast<unsigned>(getpid()) << 16U));
  return text.data();
}

class Run {
 public:
  explicit Run(const IngestOptions& options)
      : options_(options),
        pool_({.tags = options.tags, .authors = options.authors, .seed = options.seed, .run = RunName()}),
        epoll_(epoll_create1(0)) {
    for (std::uint32_t i = 0; i < options_.connections; ++i) {
      peers_.push_back({.connection = Connection(options_.port), .under_way = {}, .not_before = {}});
      if (options_.mode == Mode::kWebSocket) peers_.back().connection.Upgrade("/v1/ingest");
      Watch(i, EPOLL_CTL_ADD, EPOLLIN);
    }
  }
  ~Run() { close(epoll_); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  bool Go() {
    const auto cpu_before = CpuOf(options_.pid);
    const auto own_before = CpuOf(getpid());
    start_ = Clock::now();
    const auto end = start_ + options_.seconds;
    bool alive = true;
    while (alive) {
      const auto now = Clock::now();
      bool more = false;
      if (now < end) {
        more = SendSome(now);
      } else if (std::ranges::all_of(peers_, [](const Peer& peer) { return peer.under_way.empty(); })) {
        break;
      } else if (now > end + 30s) {
        std::fprintf(stderr, "tagswell_load: answers are missing 30 s after the end\n");
        alive = false;
      }
      alive = alive && Wait(more);
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    Print(seconds, cpu_before, static_cast<double>((CpuOf(getpid()) - own_before).count()) / 1000);
    return alive;
  }

 private:
  void Watch(std::uint32_t peer, int operation, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u32 = peer;
    epoll_ctl(epoll_, operation, peers_[peer].connection.fd(), &event);
  }

  std::size_t WindowMax() const { return options_.mode == Mode::kWebSocket ? options_.window : 1; }

  // When the next batch is to leave.
  Clock::time_point Due() const {
    if (options_.rate <= 0) return start_;
    const double seconds = static_cast<double>(batches_) * options_.batch / options_.rate;
    return start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }

  // True: more is due, and there is who could send it.
  bool SendSome(Clock::time_point now) {
    std::size_t filled_peers = 0;
    for (std::size_t looked = 0; looked < peers_.size(); ++looked) {
      if (options_.mode == Mode::kHttpNdjson && filled_peers == kBurst) return true;
      const std::size_t i = first_;
      first_ = (first_ + 1) % peers_.size();
      Peer& peer = peers_[i];
      if (peer.blocked || peer.not_before > now) continue;
      bool filled = false;
      while (peer.under_way.size() < WindowMax() && Due() <= now) {
        peer.under_way.push_back({.due = options_.rate > 0 ? Due() : now, .sent = Clock::now()});
        Compose(peer.connection.out());
        ++batches_;
        filled = true;
        if (options_.rate > 0 && options_.mode == Mode::kWebSocket && options_.batch > 1) break;  // spread over peers
      }
      if (!filled) continue;
      Flush(static_cast<std::uint32_t>(i));
      ++filled_peers;
    }
    first_ = (first_ + 1) % peers_.size();
    return false;
  }

  void Compose(std::string& out) {
    using std::chrono::system_clock;
    if (options_.synthetic_time) {
      const auto ms =
          static_cast<std::int64_t>(static_cast<double>(batches_) * options_.batch / options_.synthetic_rate * 1000);
      pool_.SetTime(system_clock::time_point{std::chrono::seconds{1'704'067'200}} + std::chrono::milliseconds{ms});
    } else if (options_.batch > 1 || batches_ % 64 == 0) {
      pool_.SetTime(system_clock::now());
    }
    body_.clear();
    for (std::uint32_t i = 0; i < options_.batch; ++i) pool_.Append(body_);
    body_.pop_back();
    if (options_.mode == Mode::kWebSocket) {
      AppendFrameHead(body_.size(), out);
    } else {
      out += options_.mode == Mode::kHttpSingle
                 ? "POST /v1/posts HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: "
                 : "POST /v1/posts HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-ndjson\r\nContent-Length: ";
      out += std::to_string(body_.size());
      out += "\r\n\r\n";
    }
    out += body_;
  }

  void Flush(std::uint32_t i) {
    const bool all = peers_[i].connection.Flush();
    if (all == !peers_[i].blocked) return;
    peers_[i].blocked = !all;
    Watch(i, EPOLL_CTL_MOD, all ? EPOLLIN : EPOLLIN | EPOLLOUT);
  }

  bool Wait(bool more) {
    std::array<epoll_event, 256> events;
    timespec limit{.tv_sec = 0, .tv_nsec = 10'000'000};
    const auto due = Due() - Clock::now();
    if (more) {
      limit.tv_nsec = 0;
    } else if (options_.rate > 0 && due < 10ms) {
      limit.tv_nsec = std::max<long>(0, std::chrono::nanoseconds(due).count());
      // One frame a post: collect a millisecond's worth, as a busy sender would.
      if (options_.mode == Mode::kWebSocket && options_.batch == 1) limit.tv_nsec = 1'000'000;
    }
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const std::uint32_t peer = event.data.u32;
      if ((event.events & EPOLLOUT) != 0) Flush(peer);
      if ((event.events & ~std::uint32_t{EPOLLOUT}) != 0 && !Read(peers_[peer])) {
        std::fprintf(stderr, "tagswell_load: the server closed a connection\n");
        return false;
      }
    }
    return true;
  }

  bool Read(Peer& peer) {
    const bool open = peer.connection.Fill();
    if (options_.mode == Mode::kWebSocket) {
      while (const auto frame = peer.connection.NextFrame()) {
        if (frame->kind == Frame::Kind::kClose) return false;
        if (frame->kind == Frame::Kind::kPing) {
          AppendPong(frame->payload, peer.connection.out());
          peer.connection.Flush();
        } else {
          Answered(peer, frame->payload.find("\"rejected\":0") != std::string_view::npos ||
                             frame->payload.find("rejected") == std::string_view::npos);
        }
      }
    } else {
      while (const auto answer = peer.connection.NextAnswer()) {
        const bool taken = answer->status == 200 || answer->status == 201;
        if (!taken && answer->status != 429 && !told_) {
          told_ = true;
          std::fprintf(stderr, "tagswell_load: status %d: %.200s\n", answer->status, std::string(answer->body).c_str());
        }
        Answered(peer, taken);
      }
    }
    return open;
  }

  void Answered(Peer& peer, bool taken) {
    const auto now = Clock::now();
    if (taken) {
      latencies_ms_.push_back(std::chrono::duration<double, std::milli>(now - peer.under_way.front().due).count());
      posts_ += options_.batch;
    } else {
      refusals_ms_.push_back(std::chrono::duration<double, std::milli>(now - peer.under_way.front().sent).count());
      peer.not_before = now + kPauseAfterRefusal;
    }
    peer.under_way.pop_front();
  }

  void Print(double seconds, std::chrono::milliseconds cpu_before, double client_cpu) {
    const std::string name = options_.mode == Mode::kHttpNdjson   ? "http_ndjson"
                             : options_.mode == Mode::kHttpSingle ? "http_single"
                                                                  : "websocket";
    std::string label = options_.label.empty() ? "" : options_.label + " ";
    label += "batch=" + std::to_string(options_.batch) + " connections=" + std::to_string(options_.connections);
    label += options_.rate > 0 ? " rate=" + std::to_string(static_cast<std::uint64_t>(options_.rate)) : " flat out";
    PrintFigure(name + "_rate", label, static_cast<double>(posts_) / seconds, "posts/s");
    PrintFigure(name + "_ack_p50", label, Percentile(latencies_ms_, 0.5), "ms");
    PrintFigure(name + "_ack_p99", label, Percentile(latencies_ms_, 0.99), "ms");
    PrintFigure(name + "_refused", label, static_cast<double>(refusals_ms_.size()), "batches");
    PrintFigure(name + "_refusal_p99", label, Percentile(refusals_ms_, 0.99), "ms");
    PrintFigure(name + "_client_cores", label, client_cpu / seconds, "cores");
    if (options_.pid == 0 || posts_ == 0) return;
    const auto busy = CpuOf(options_.pid) - cpu_before;
    const auto cpu = CpuWhenIdle(options_.pid, 20s) - cpu_before;
    PrintFigure(name + "_cores", label, static_cast<double>(busy.count()) / 1000 / seconds, "cores");
    PrintFigure(name + "_cpu", label, static_cast<double>(cpu.count()) * 1000 / static_cast<double>(posts_), "us/post");
    PrintFigure(name + "_memory", label, static_cast<double>(ResidentBytes(options_.pid)), "bytes");
  }

  const IngestOptions options_;
  PostPool pool_;
  int epoll_;
  std::vector<Peer> peers_;
  std::string body_;
  std::size_t first_ = 0;  // who is asked next, in turn
  Clock::time_point start_;
  std::uint64_t batches_ = 0;
  std::uint64_t posts_ = 0;  // acknowledged
  bool told_ = false;
  std::vector<double> latencies_ms_;  // of what was taken
  std::vector<double> refusals_ms_;   // of what was not
};

}  // namespace

bool RunIngest(const IngestOptions& options) {
  return Run(options).Go();
}

}  // namespace tagswell::load
