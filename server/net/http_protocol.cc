#include "server/net/http_protocol.h"

#include <algorithm>
#include <utility>

#include "server/logging.h"
#include "server/net/problem.h"
#include "server/net/target.h"

namespace tagswell {
namespace {

constexpr std::size_t kBufferBytes = 4 * 1024;
constexpr std::size_t kBufferBytesMax = 64 * 1024;
// Smaller bodies go through the buffer: one read brings head and body, and often the next request.
constexpr std::uint64_t kInPlaceBytesMin = 16 * 1024;
// A body up to this size shares one buffer, and so one write, with its head.
constexpr std::size_t kCopiedBodyBytes = 16 * 1024;

bool IsWrite(Method method) {
  return method == Method::kPost || method == Method::kPut || method == Method::kDelete;
}

Response FromFault(const HttpFault& fault) {
  return Problem(fault.status, fault.error);
}

}  // namespace

HttpProtocol::HttpProtocol(Connection& connection)
    : connection_(connection),
      shared_(connection.loop().shared()),
      limits_(shared_.options.limits),
      buffer_(kBufferBytes, std::max(kBufferBytesMax, 2 * limits_.header_bytes_max)),
      reader_(limits_.header_bytes_max),
      chunks_(limits_.header_bytes_max),
      body_(limits_.body_bytes_max, limits_.decoded_bytes_max),
      body_patience_(limits_.body_timeout, limits_.bytes_per_second_min) {}

void HttpProtocol::Start() {
  deadline_ = connection_.loop().TickIn(limits_.header_timeout);
  connection_.Read();
}

std::span<char> HttpProtocol::ReadSpace() {
  if (state_ == State::kHead) return buffer_.Space();
  if (state_ != State::kBody && state_ != State::kDropping) return {};
  in_place_ = buffer_.Empty() && body_.Missing() >= kInPlaceBytesMin;
  if (in_place_ && state_ == State::kDropping) {
    const std::span<char> sink = connection_.loop().sink();
    return sink.first(static_cast<std::size_t>(std::min<std::uint64_t>(sink.size(), body_.Missing())));
  }
  if (in_place_) {
    if (const std::span<char> space = body_.Space(); !space.empty()) return space;
    in_place_ = false;
  }
  return buffer_.Space();
}

void HttpProtocol::OnRead(std::size_t bytes) {
  if (in_place_) {
    in_place_ = false;
    body_.Commit(bytes);
  } else {
    if (state_ == State::kHead && !head_begun_) BeginHead();
    buffer_.Commit(bytes);
  }
  Run();
}

// Once a head: bytes that come one by one, or lines that say nothing, do not buy time.
void HttpProtocol::BeginHead() {
  head_begun_ = true;
  deadline_ = connection_.loop().TickIn(limits_.header_timeout);
}

void HttpProtocol::OnEnd() {
  connection_.Close();
}

void HttpProtocol::Run() {
  while (!connection_.Closed()) {
    bool go_on = false;
    if (state_ == State::kHead) {
      go_on = StepHead();
    } else if (state_ == State::kBody) {
      go_on = StepBody();
    } else if (state_ == State::kDropping) {
      go_on = StepDropping();
    }
    if (!go_on) return;
  }
}

bool HttpProtocol::StepHead() {
  while (buffer_.View().starts_with("\r\n")) buffer_.Consume(2);  // RFC 9112, 2.2: left by a careless client
  if (buffer_.Empty()) return false;
  const auto size = reader_.ReadHead(buffer_.View());
  if (!size) {
    Refuse(size.error());
    return false;
  }
  if (*size == 0) return false;
  buffer_.Consume(*size);
  BeginRequest();
  return true;
}

void HttpProtocol::BeginRequest() {
  since_head_.Restart();
  RequestHead& head = reader_.head();
  close_after_ = close_after_ || !head.keep_alive;
  body_unread_ = head.HasBody();
  request_ = Request();
  match_ = Router::Match();
  match_.index = ServerObserver::kNoRoute;
  page_origin_.clear();

  const auto target = SplitTarget(head.target);
  if (!target) return Answer(Problem(400, "malformed_target", "The target must be a path."));
  if (auto admitted = Admit(target->path, target->query); !admitted) return Answer(std::move(admitted.error()));
  if (!match_.route) {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", match_.allow);
    if (!page_origin_.empty()) {
      response.headers.emplace_back("Access-Control-Allow-Methods", match_.allow);
      response.headers.emplace_back("Access-Control-Allow-Headers", "Authorization, Content-Type");
    }
    return Answer(std::move(response));
  }
  if (head.upgrade_websocket && match_.route->websocket) return AcceptWebSocket();
  if (!match_.route->handler) {
    Response response = Problem(426, "upgrade_required", "This speaks WebSocket only.");
    response.headers.emplace_back("Upgrade", "websocket");
    return Answer(std::move(response));
  }
  if (auto begun = BeginBody(); !begun) return Answer(FromFault(begun.error()));
}

// A request is checked before it is counted: only then it is known whose it is. The checks are cheap.
std::expected<void, Response> HttpProtocol::Admit(std::string_view path, std::string_view query) {
  request_.host = reader_.head().host;
  request_.headers = std::move(reader_.head().headers);
  const std::string_view origin = request_.Header("origin");
  if (std::ranges::find(shared_.options.allowed_origins, origin) != shared_.options.allowed_origins.end())
    page_origin_ = origin;
  const IpAddress client = ClientAddress();
  request_.remote = client == connection_.peer().address ? connection_.peer().text : client.Text();
  if (!client.IsLoopback()) request_.payer.site = client.Site();
  auto checked = Check(path, query);
  if (auto may = MayAsk(); !may) return may;
  return checked;
}

std::expected<void, Response> HttpProtocol::Check(std::string_view path, std::string_view query) {
  RequestHead& head = reader_.head();
  auto match = connection_.peer().router.Find(head.method, path);
  if (!match) {
    Response response = FromFault(match.error().fault);
    if (!match.error().allow.empty()) response.headers.emplace_back("Allow", match.error().allow);
    return std::unexpected(std::move(response));
  }
  match_ = std::move(*match);
  if (!match_.route) {
    match_.index = ServerObserver::kNoRoute;
    return {};
  }
  const Route& route = *match_.route;
  request_.method = route.method;
  request_.path = path;
  request_.path_params = std::move(match_.path_params);
  if ((IsWrite(route.method) || head.upgrade_websocket) && !OriginAllowed()) {
    return std::unexpected(Problem(403, "origin_not_allowed", "Pages of this origin may not do that.", "Origin"));
  }
  const bool is_signed = route.signable && !request_.Header("signature-input").empty();
  auto caller = shared_.access.Check(head.authorization, is_signed ? std::nullopt : route.role);
  if (!caller) return std::unexpected(std::move(caller.error()));
  request_.roles = caller->roles;
  request_.token = caller->token;
  request_.payer.token = caller->place;
  if (route.guard) {
    if (auto refusal = route.guard(request_)) return std::unexpected(std::move(*refusal));
  }
  auto parameters = Router::CheckQuery(route, query);
  if (!parameters) return std::unexpected(FromFault(parameters.error()));
  request_.query = std::move(*parameters);
  request_.raw_query = query;
  return {};
}

std::expected<void, HttpFault> HttpProtocol::BeginBody() {
  const RequestHead& head = reader_.head();
  const bool is_announced = head.chunked || head.content_length;
  if (match_.route->body == BodyRule::kNone || (match_.route->body == BodyRule::kOptional && !is_announced)) {
    if (head.HasBody()) return std::unexpected(HttpFault{400, {"unexpected_body", "This takes no body."}});
    Handle();
    return {};
  }
  if (!is_announced) {
    return std::unexpected(HttpFault{411, {"length_required", "A body needs Content-Length or chunked encoding."}});
  }
  if (auto started = body_.Start(head); !started) return started;
  chunks_.Reset();
  if (match_.route->admission) {
    request_.body_bytes = head.content_length.value_or(0);
    if (auto refusal = match_.route->admission(request_)) {
      AnswerUnread(std::move(*refusal));
      return {};
    }
  }
  state_ = State::kBody;
  body_patience_.Start(connection_.loop().tick(), 0);
  if (head.expect_continue && head.HasBody() && buffer_.Empty()) {
    connection_.Write("HTTP/1.1 100 Continue\r\n\r\n");
  }
  return {};
}

std::expected<bool, HttpFault> HttpProtocol::ReadBody() {
  const std::string_view all = buffer_.View();
  if (!reader_.head().chunked) {
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(all.size(), body_.Missing()));
    buffer_.Consume(take);
    if (take > 0) {
      if (auto taken = body_.Append(all.substr(0, take)); !taken) return std::unexpected(taken.error());
    }
    return body_.Missing() == 0;
  }
  std::string_view left = all;
  while (!left.empty() && !chunks_.Done()) {
    const auto piece = chunks_.Next(left);
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) continue;
    if (auto taken = body_.Append(*piece); !taken) return std::unexpected(taken.error());
  }
  buffer_.Consume(all.size() - left.size());
  return chunks_.Done();
}

bool HttpProtocol::StepBody() {
  const auto done = ReadBody();
  if (!done) {
    Refuse(done.error());
    return false;
  }
  if (!*done) return false;
  body_unread_ = false;
  auto body = body_.Finish();
  if (!body) {
    Answer(FromFault(body.error()));
    return true;
  }
  request_.body = std::move(*body);
  Handle();
  return true;
}

bool HttpProtocol::StepDropping() {
  const auto done = ReadBody();
  if (done && !*done) return false;
  close_after_ = close_after_ || !done;  // what follows cannot be trusted
  dropping_ = false;
  NextRequest();
  return true;
}

void HttpProtocol::Handle() {
  state_ = State::kHandling;
  // Only the handler keeps what it needs of it: a connection that then waits for its next request holds no body.
  connection_.RunHandler([this, request = std::exchange(request_, {})]() mutable {
    try {
      match_.route->handler(std::move(request), Reply(connection_.shared_from_this()));
    } catch (const std::exception& e) {
      Log(LogLevel::kError, "a handler threw", {{"route", match_.route->pattern}, {"what", e.what()}});
    }
  });
  if (auto response = connection_.TakeReply()) Answer(std::move(*response));
}

void HttpProtocol::OnWake() {
  if (state_ != State::kHandling) return;
  if (auto response = connection_.TakeReply()) {
    Answer(std::move(*response));
    Run();
    if (!connection_.Closed()) connection_.Read();
  }
}

void HttpProtocol::Observe(int status) {
  if (shared_.observer) shared_.observer->OnRequest(match_.index, status, since_head_.Seconds());
}

void HttpProtocol::Answer(Response response) {
  Observe(response.status);
  LetPageRead(response);
  close_after_ = close_after_ || (body_unread_ && !dropping_) || connection_.loop().draining();
  if (response.stream && !match_.head_only) return BeginStream(std::move(response));
  std::string& out = connection_.loop().scratch();
  out.clear();
  AppendResponseHead(
      response,
      {.date = connection_.loop().date(), .close = close_after_, .keep_alive_http_1_0 = reader_.head().http_1_0}, out);
  std::string_view body = response.shared_body ? std::string_view(*response.shared_body) : response.body;
  if (match_.head_only || response.status == 204 || response.status == 304) body = {};
  if (body.size() <= kCopiedBodyBytes) {
    out += body;
    body = {};
  }
  state_ = State::kWriting;
  if (connection_.Write(out, body)) NextRequest();
}

void HttpProtocol::OnWritten() {
  if (state_ != State::kWriting) return;  // an interim 100 that had to wait
  NextRequest();
  Run();
  if (!connection_.Closed()) connection_.Read();
}

void HttpProtocol::NextRequest() {
  if (close_after_) {
    state_ = State::kOver;
    return connection_.Linger();
  }
  if (dropping_) {
    state_ = State::kDropping;
    return body_patience_.Start(connection_.loop().tick(), 0);
  }
  reader_.Reset();
  state_ = State::kHead;
  head_begun_ = false;
  deadline_ = connection_.loop().TickIn(limits_.idle_timeout);
  if (!buffer_.Empty()) BeginHead();
}

void HttpProtocol::AnswerUnread(Response response) {
  const RequestHead& head = reader_.head();
  // Who waits to be asked for the body will perhaps not send it: nobody knows where the next request begins.
  const bool sent = !head.expect_continue || !buffer_.Empty();
  if (head.HasBody() && sent) {
    dropping_ = true;
    body_.Drop();
  }
  Answer(std::move(response));
}

void HttpProtocol::Refuse(const HttpFault& fault) {
  if (state_ == State::kHead) {
    since_head_.Restart();
    match_ = Router::Match();
    match_.index = ServerObserver::kNoRoute;
  }
  close_after_ = true;
  Answer(FromFault(fault));
}

void HttpProtocol::OnTick() {
  if (connection_.PeerStalls()) return connection_.Abort();
  const std::uint64_t now = connection_.loop().tick();
  if (state_ == State::kBody && body_patience_.Over(now, body_.received())) {
    return Refuse({408, {"request_timeout", "The body came too slowly."}});
  }
  if (state_ == State::kDropping && body_patience_.Over(now, body_.received())) return connection_.Close();
  if (state_ != State::kHead || now < deadline_) return;
  if (!buffer_.Empty()) {
    return Refuse({408, {"request_timeout", "The head of the request came too slowly."}});
  }
  connection_.Close();
}

void HttpProtocol::OnDrain() {
  close_after_ = true;
  if (state_ == State::kHead && buffer_.Empty()) return connection_.Close();
  if (state_ == State::kDropping) NextRequest();  // it was answered
}

}  // namespace tagswell
