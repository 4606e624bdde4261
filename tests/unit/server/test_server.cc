#include "tests/unit/server/test_server.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/net/problem.h"

namespace tagswell {
namespace {

constexpr std::chrono::seconds kPatience{20};

ServerOptions OnFreePort(ServerOptions options) {
  options.listen.port = 0;
  options.threads = 2;
  return options;
}

}  // namespace

void Events::Add(std::string event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  changed_.notify_all();
}

bool Events::WaitFor(const std::string& event) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return std::ranges::find(events_, event) != events_.end(); });
}

std::vector<std::string> Events::All() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

struct TestServer::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::shared_ptr<Mailbox>> mailboxes;
  std::optional<Reply> later;

  void Add(std::shared_ptr<Mailbox> mailbox) {
    const std::lock_guard lock(mutex);
    mailboxes.push_back(std::move(mailbox));
    changed.notify_all();
  }
};

namespace {

// Echoes messages, obeys a few, and tells `events` what it sees.
template <class Shared>
class Echo final : public WebSocketHandler {
 public:
  Echo(std::shared_ptr<Events> events, std::shared_ptr<Shared> shared)
      : events_(std::move(events)), shared_(std::move(shared)) {}
  void OnOpen(std::shared_ptr<Mailbox> mailbox) override {
    mailbox_ = std::move(mailbox);
    shared_->Add(mailbox_);
    events_->Add("open");
  }
  void OnMessage(std::string&& message, bool is_text) override {
    if (message.capacity() < message.size() + kBodyPaddingBytes) events_->Add("no padding");
    if (message == "pause") {
      mailbox_->PauseReading();
      events_->Add("paused");
      return;
    }
    events_->Add("message " + std::to_string(message.size()));
    mailbox_->Send(std::make_shared<const std::string>(std::move(message)),
                   is_text ? FrameKind::kText : FrameKind::kBinary);
  }
  void OnClose() override { events_->Add("close"); }

 private:
  std::shared_ptr<Events> events_;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace

std::vector<Route> TestServer::Routes() {
  std::vector<Route> routes;
  const auto echo = [](Request&& request, Reply reply) {
    Response response;
    response.content_type = "text/plain";
    response.body = request.body.capacity() < request.body.size() + kBodyPaddingBytes ? "no padding" : request.body;
    reply(std::move(response));
  };
  routes.push_back({.method = Method::kPost,
                    .pattern = "/x",
                    .role = Role::kIngest,
                    .query = {{"format"}, {"tag", true}},
                    .body = BodyRule::kRequired,
                    .handler = echo});
  routes.push_back(
      {.method = Method::kPost,
       .pattern = "/full",
       .body = BodyRule::kRequired,
       .admission = [](const Request&) -> std::optional<Response> { return Response{.status = 429, .body = "full"}; },
       .handler =
           [events = events_](Request&&, Reply reply) {
             events->Add("handled");
             reply({.body = "taken"});
           }});
  routes.push_back(
      {.method = Method::kGet, .pattern = "/", .body = BodyRule::kNone, .handler = [](Request&&, Reply reply) {
         reply({.body = "home"});
       }});
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/posts/{source}/{id}",
                    .role = Role::kRead,
                    .body = BodyRule::kNone,
                    .handler = [](Request&& request, Reply reply) {
                      Response response;
                      response.body =
                          std::string(request.PathParam("source")) + "|" + std::string(request.PathParam("id"));
                      reply(std::move(response));
                    }});
  routes.push_back({.method = Method::kGet,
                    .pattern = "/later",
                    .body = BodyRule::kNone,
                    .handler = [shared = shared_](Request&&, Reply reply) {
                      const std::lock_guard lock(shared->mutex);
                      shared->later.emplace(std::move(reply));
                      shared->changed.notify_all();
                    }});
  routes.push_back(
      {.method = Method::kGet, .pattern = "/large", .body = BodyRule::kNone, .handler = [](Request&&, Reply reply) {
         Response response;
         response.shared_body = std::make_shared<const std::string>(8 * 1024 * 1024, 'x');
         reply(std::move(response));
       }});
  routes.push_back(
      {.method = Method::kGet, .pattern = "/dropped", .body = BodyRule::kNone, .handler = [](Request&&, Reply) {}});
  routes.push_back({.method = Method::kGet,
                    .pattern = "/stream",
                    .body = BodyRule::kNone,
                    .handler = [events = events_, shared = shared_](Request&&, Reply reply) {
                      Response response;
                      response.content_type = "text/event-stream";
                      response.stream = std::make_shared<Echo<Shared>>(events, shared);
                      reply(std::move(response));
                    }});
  routes.push_back({.method = Method::kGet,
                    .pattern = "/ws",
                    .role = Role::kRead,
                    .query = {{"since"}},
                    .body = BodyRule::kNone,
                    .websocket = [events = events_, shared = shared_](const Request& request)
                        -> std::expected<std::unique_ptr<WebSocketHandler>, Response> {
                      if (request.QueryParam("since") == "old") {
                        return std::unexpected(Problem(410, "cursor_gone", "That is too long ago."));
                      }
                      return std::make_unique<Echo<Shared>>(events, shared);
                    }});
  return routes;
}

TestServer::TestServer(ServerOptions options, std::vector<Token> tokens)
    : shared_(std::make_shared<Shared>()),
      access_(tokens),
      server_(OnFreePort(std::move(options)), Routes(), access_, nullptr) {
  if (auto started = server_.Start(); !started) std::abort();
}

std::shared_ptr<Mailbox> TestServer::WaitForMailbox(std::size_t index) {
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, kPatience, [&] { return shared_->mailboxes.size() > index; });
  return shared_->mailboxes.at(index);
}

Reply TestServer::TakePendingReply() {
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, kPatience, [&] { return shared_->later.has_value(); });
  Reply reply = std::move(*shared_->later);
  shared_->later.reset();
  return reply;
}

}  // namespace tagswell
