#include "server/api/ingest_socket.h"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/api/ingest_report.h"
#include "server/api/parameters.h"
#include "server/net/problem.h"
#include "server/pipeline/refusals.h"

namespace tagswell {
namespace {

// Messages of one connection whose commit is awaited. Enough to keep group commits full, few enough to bound memory.
constexpr std::size_t kInFlightMax = 64;

std::string ErrorAck(std::uint64_t message, const Error& error) {
  JsonWriter json;
  json.BeginObject();
  json.Field("ack", message);
  json.Field("accepted", 0U);
  json.Key("error");
  json.BeginObject();
  json.Field("code", error.code);
  json.Field("detail", error.detail);
  json.EndObject();
  json.EndObject();
  return json.Take();
}

// Puts answers back into the order of the messages. Shared with commits that are under way; thread-safe.
class Acknowledgements {
 public:
  explicit Acknowledgements(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}

  // The number of the next message, from 1.
  std::uint64_t Expect() {
    const std::lock_guard lock(mutex_);
    waiting_.emplace_back();
    if (waiting_.size() >= kInFlightMax) mailbox_->PauseReading();
    return first_ + waiting_.size() - 1;
  }

  void Answer(std::uint64_t message, std::string text) {
    const std::lock_guard lock(mutex_);
    waiting_[message - first_] = std::make_shared<const std::string>(std::move(text));
    std::vector<Frame> ready;
    while (!waiting_.empty() && waiting_.front() != nullptr) {
      ready.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
      ++first_;
    }
    if (!ready.empty()) mailbox_->Send(ready);
    if (waiting_.size() < kInFlightMax / 2) mailbox_->ResumeReading();
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  std::mutex mutex_;
  std::uint64_t first_ = 1;
  std::deque<Frame> waiting_;
};

class IngestSocket final : public WebSocketHandler {
 public:
  IngestSocket(ApiContext& api, PostFormat format, const Payer& payer) : api_(api), format_(format), payer_(payer) {}

  void OnOpen(std::shared_ptr<Mailbox> mailbox) override {
    mailbox_ = std::move(mailbox);
    acks_ = std::make_shared<Acknowledgements>(mailbox_);
  }

  void OnMessage(std::string&& message, bool /*is_text*/) override {
    const std::uint64_t number = acks_->Expect();
    Pipeline* pipeline = api_.pipeline();
    if (pipeline == nullptr) {
      mailbox_->Close(CloseCode::kGoingAway, "server is shutting down");
      return;
    }
    if (const auto hit = api_.LimitOfPosts(payer_)) return acks_->Answer(number, ErrorAck(number, LimitError(*hit)));
    if (const auto refusal = pipeline->Refusal()) return acks_->Answer(number, ErrorAck(number, *refusal));
    auto parsed = api_.ReadPosts(format_, BodyShape::kNdjson, message, payer_);
    if (!parsed) return acks_->Answer(number, ErrorAck(number, parsed.error()));
    IngestReport report = IngestReport::Of(*parsed);
    pipeline->Submit(std::move(parsed->batch),
                     [acks = acks_, number, report = std::move(report)](std::expected<Committed, Error> done) mutable {
                       if (!done) return acks->Answer(number, ErrorAck(number, done.error()));
                       report.Add(*done);
                       acks->Answer(number, report.ToAck(number));
                     });
  }

  void OnClose() override {}

 private:
  ApiContext& api_;
  const PostFormat format_;
  const Payer payer_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<Acknowledgements> acks_;
};

}  // namespace

void AddIngestSocketRoute(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back(
      {.method = Method::kGet,
       .pattern = "/v1/ingest",
       .role = Role::kIngest,
       .query = {{"format"}},
       .handler = {},
       .websocket = [&api](const Request& request) -> std::expected<std::unique_ptr<WebSocketHandler>, Response> {
         if (api.pipeline() == nullptr) return std::unexpected(api.NotReady());
         const auto format = FormatParam(request);
         if (!format) return std::unexpected(Problem(400, format.error()));
         return std::make_unique<IngestSocket>(api, *format, request.payer);
       }});
}

}  // namespace tagswell
