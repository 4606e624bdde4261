// What the network floor costs alone: a trivial POST a request over 64 connections, and one frame to 1,000 WebSockets,
// alone and ten at a time. The server is a process of its own, so that its CPU time is its alone.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/net/server.h"

namespace tagswell {
namespace {

constexpr int kPostConnections = 64;
constexpr int kPosts = 400'000;
constexpr int kSubscribers = 1'000;
constexpr int kRounds = 100;
constexpr std::size_t kFrameBytes = 500;

class Subscribers {
 public:
  void Add(std::shared_ptr<Mailbox> mailbox) {
    const std::lock_guard lock(mutex_);
    mailboxes_.push_back(std::move(mailbox));
  }
  void SendToAll(int frames) {
    const std::vector<Frame> batch(static_cast<std::size_t>(frames),
                                   std::make_shared<const std::string>(kFrameBytes, 'x'));
    const std::lock_guard lock(mutex_);
    for (const auto& mailbox : mailboxes_) mailbox->Send(batch);
  }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<Mailbox>> mailboxes_;
};

class Listener final : public WebSocketHandler {
 public:
  explicit Listener(Subscribers& all) : all_(all) {}
  void OnOpen(std::shared_ptr<Mailbox> mailbox) override { all_.Add(std::move(mailbox)); }
  void OnMessage(std::string&&, bool) override {}
  void OnClose() override {}

 private:
  Subscribers& all_;
};

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ResidentBytes() {
  long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// The server's process: obeys one byte at a time. 0: says its CPU seconds and memory; n: sends n frames to everyone.
[[noreturn]] void Serve(int commands, int answers, unsigned threads) {
  Subscribers subscribers;
  std::vector<Route> routes;
  routes.push_back({.method = Method::kPost,
                    .pattern = "/v1/posts",
                    .query = {},
                    .body = BodyRule::kRequired,
                    .handler = [](Request&&, Reply reply) {
                      reply({.status = 201, .content_type = "application/json", .body = R"({"id":"1"})"});
                    }});
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/events",
                    .query = {},
                    .websocket = [&](const Request&) -> std::expected<std::unique_ptr<WebSocketHandler>, Response> {
                      return std::make_unique<Listener>(subscribers);
                    }});
  const Access access({});
  ServerOptions options;
  options.listen.port = 0;
  options.threads = threads;
  HttpServer server(options, routes, access, nullptr);
  if (!server.Start()) std::abort();
  const double port = server.port();
  if (write(answers, &port, sizeof port) != sizeof port) std::abort();
  for (unsigned char command; read(commands, &command, 1) == 1;) {
    if (command > 0) {
      subscribers.SendToAll(command);
      continue;
    }
    const double figures[2] = {CpuSeconds(), ResidentBytes()};
    if (write(answers, figures, sizeof figures) != sizeof figures) std::abort();
  }
  server.Stop(std::chrono::milliseconds(0));
  std::_Exit(0);
}

// The least that any server does for the same requests: epoll, one recv and one send each, nothing parsed. What the
// machine is worth at this moment; our figures are to be read as multiples of it.
[[noreturn]] void ServeBare(int commands, int answers) {
  static const std::string answer =
      "HTTP/1.1 201 Created\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Content-Type-Options: nosniff\r\n"
      "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"id\":\"1\"}";
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 128) != 0) std::abort();
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const double port = ntohs(address.sin_port);
  if (write(answers, &port, sizeof port) != sizeof port) std::abort();
  const int epoll = epoll_create1(0);
  const auto watch = [epoll](int fd) {
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  };
  watch(listener);
  watch(commands);
  char buffer[4096];
  epoll_event events[128];
  while (true) {
    const int ready = epoll_wait(epoll, events, 128, -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        watch(accept(listener, nullptr, nullptr));
      } else if (fd == commands) {
        if (read(commands, buffer, 1) != 1) std::_Exit(0);
        const double figures[2] = {CpuSeconds(), ResidentBytes()};
        if (write(answers, figures, sizeof figures) != sizeof figures) std::abort();
      } else if (recv(fd, buffer, sizeof buffer, 0) <= 0 || send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) {
        close(fd);
      }
    }
  }
}

constexpr unsigned kBare = 0;  // threads: the bare server in place of ours

class ServerProcess {
 public:
  explicit ServerProcess(unsigned threads) {
    int down[2];
    int up[2];
    if (pipe(down) != 0 || pipe(up) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      close(down[1]);
      close(up[0]);
      if (threads == kBare) ServeBare(down[0], up[1]);
      Serve(down[0], up[1], threads);
    }
    close(down[0]);
    close(up[1]);
    commands_ = down[1];
    answers_ = up[0];
    double port = 0;
    if (read(answers_, &port, sizeof port) != sizeof port) std::abort();
    port_ = static_cast<std::uint16_t>(port);
  }
  ~ServerProcess() {
    close(commands_);
    waitpid(pid_, nullptr, 0);
    close(answers_);
  }
  struct Figures {
    double cpu_seconds;
    double resident_bytes;
  };
  Figures Ask() {
    Figures figures;
    const unsigned char command = 0;
    if (write(commands_, &command, 1) != 1 || read(answers_, &figures, sizeof figures) != sizeof figures) std::abort();
    return figures;
  }
  void Send(unsigned char frames) {
    if (write(commands_, &frames, 1) != 1) std::abort();
  }
  int Connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
  }

 private:
  pid_t pid_ = 0;
  int commands_ = -1;
  int answers_ = -1;
  std::uint16_t port_ = 0;
};

void Print(const char* name, unsigned threads, double value, const char* unit) {
  std::printf(R"({"bench":"%s","io_threads":%u,"value":%.3f,"unit":"%s"})"
              "\n",
              name, threads, value, unit);
  std::fflush(stdout);
}

void SendAll(int fd, const std::string& bytes) {
  if (send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) std::abort();
}

// Reads from all of `fds` until `bytes` came altogether.
void Drain(int epoll, double bytes) {
  static char buffer[256 * 1024];
  epoll_event events[256];
  while (bytes > 0) {
    const int ready = epoll_wait(epoll, events, 256, 20'000);
    if (ready <= 0) std::abort();
    for (int i = 0; i < ready; ++i) {
      const ssize_t got = recv(events[i].data.fd, buffer, sizeof buffer, 0);
      if (got <= 0) std::abort();
      bytes -= static_cast<double>(got);
    }
  }
}

void Watch(int epoll, int fd) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = fd;
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void BenchPosts(unsigned threads) {
  ServerProcess server(threads);
  const std::string body = R"({"id":"1","source":"s","author":"a","created_at":"2017-10-15T20:21:45Z","text":")" +
                           std::string(200, 'x') + "\"}";
  const std::string request =
      "POST /v1/posts HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: bench\r\nContent-Type: application/json\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  const int epoll = epoll_create1(0);
  std::vector<int> fds;
  for (int i = 0; i < kPostConnections; ++i) {
    fds.push_back(server.Connect());
    Watch(epoll, fds.back());
    SendAll(fds.back(), request);
  }
  const auto run = [&](int count) {
    char buffer[4096];
    epoll_event events[kPostConnections];
    for (int answered = 0; answered < count;) {
      const int ready = epoll_wait(epoll, events, kPostConnections, 20'000);
      if (ready <= 0) std::abort();
      for (int i = 0; i < ready; ++i) {  // an answer this small comes in one piece
        if (recv(events[i].data.fd, buffer, sizeof buffer, 0) <= 0) std::abort();
        SendAll(events[i].data.fd, request);
      }
      answered += ready;
    }
  };
  run(kPosts / 10);
  const double cpu_before = server.Ask().cpu_seconds;
  const auto start = std::chrono::steady_clock::now();
  run(kPosts);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double cpu = server.Ask().cpu_seconds - cpu_before;
  const std::string name = threads == kBare ? "bare_epoll_64_connections" : "http_post_64_connections";
  Print(name.c_str(), threads, kPosts / seconds, "requests/s");
  Print((name + "_server_cpu").c_str(), threads, cpu / kPosts * 1e6, "us/request");
  for (const int fd : fds) close(fd);
  close(epoll);
}

void BenchFanOut(unsigned threads) {
  ServerProcess server(threads);
  const double before_bytes = server.Ask().resident_bytes;
  const int epoll = epoll_create1(0);
  std::vector<int> fds;
  for (int i = 0; i < kSubscribers; ++i) {
    fds.push_back(server.Connect());
    SendAll(fds.back(),
            "GET /v1/events HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    std::string head;
    char c;
    while (!head.ends_with("\r\n\r\n") && recv(fds.back(), &c, 1, 0) == 1) head += c;
    Watch(epoll, fds.back());
  }
  Print("websocket_idle_memory", threads, (server.Ask().resident_bytes - before_bytes) / kSubscribers, "bytes");
  for (const int frames : {1, 10}) {
    const double bytes_a_round = 1.0 * kSubscribers * frames * (kFrameBytes + 4);
    std::vector<double> seconds;
    const double cpu_before = server.Ask().cpu_seconds;
    for (int round = 0; round < kRounds; ++round) {
      const auto start = std::chrono::steady_clock::now();
      server.Send(static_cast<unsigned char>(frames));
      Drain(epoll, bytes_a_round);
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    const double cpu = server.Ask().cpu_seconds - cpu_before;
    std::ranges::sort(seconds);
    const std::string name = "fan_out_1000_frames_" + std::to_string(frames);
    Print((name + "_server_cpu").c_str(), threads, cpu / (1.0 * kRounds * kSubscribers * frames) * 1e6, "us/delivery");
    Print((name + "_all_delivered_p50").c_str(), threads, seconds[kRounds / 2] * 1e3, "ms");
  }
  for (const int fd : fds) close(fd);
  close(epoll);
}

}  // namespace
}  // namespace tagswell

int main() {
  for (const unsigned threads : {tagswell::kBare, 1u, 2u}) tagswell::BenchPosts(threads);
  for (const unsigned threads : {1u, 2u}) tagswell::BenchFanOut(threads);
}
