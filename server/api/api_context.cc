#include "server/api/api_context.h"

#include <algorithm>
#include <utility>

#include "proto/tag_key.h"
#include "server/net/problem.h"

namespace tagswell {

std::expected<ParsedBody, Error> ParserPool::Parse(PostFormat format, BodyShape shape, std::string_view body,
                                                   Timestamp accept_until) {
  std::unique_ptr<BodyParser> parser;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      parser = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (parser == nullptr) parser = std::make_unique<BodyParser>(resolver_, salt_);
  auto parsed = parser->Parse(format, shape, body, accept_until);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(parser));
  return parsed;
}

ApiContext::ApiContext(const Config& config, const TopicResolver& resolver, const Clock& clock)
    : config_(config), resolver_(resolver), clock_(clock) {}

void ApiContext::Ready(Pipeline& pipeline) {
  parsers_.emplace(resolver_, pipeline.store().salt());
  pipeline_.store(&pipeline, std::memory_order_release);
}

Response ApiContext::NotReady() const {
  Response response = draining_ ? Problem(503, "draining", "The server is shutting down.")
                                : Problem(503, "starting", "The server is reading its log. Try again soon.");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

std::optional<LimitHit> ApiContext::LimitOfPosts(const Payer& payer) {
  const auto hit = rate_limits_->WaitForPosts(payer, SteadyNow());
  if (hit) metrics_->OnLimited(hit->kind);
  return hit;
}

void ApiContext::OwePosts(const Payer& payer, const std::expected<ParsedBody, Error>& parsed) {
  std::uint64_t posts = 0;
  if (parsed) posts = parsed->batch.size() + parsed->batch.Deletions() + parsed->ignored + parsed->rejected;
  rate_limits_->OwePosts(payer, SteadyNow(), std::max<std::uint64_t>(posts, 1));  // nothing good was work too
}

Timestamp ApiContext::AcceptUntil() const {
  if (config_.clock == ClockMode::kEvent) return kTimestampMax;
  return clock_.Now() + std::chrono::seconds(config_.future_seconds);
}

std::optional<std::string> ApiContext::CountedTopicOf(std::string_view tag) const {
  Arena arena;
  std::vector<Mention> mentions;
  const std::string_view tags[] = {WithoutOpener(tag)};
  resolver_.FromTags(tags, {}, arena, mentions);
  return mentions.empty() ? std::nullopt : std::optional(std::string(mentions.front().topic));
}

std::string ApiContext::TopicOf(std::string_view tag) const {
  return CountedTopicOf(tag).value_or(TagKey(tag));
}

Handler WithPipeline(ApiContext& api, std::function<void(Pipeline&, Request&&, Reply)> handler) {
  return [&api, handler = std::move(handler)](Request&& request, Reply reply) {
    Pipeline* pipeline = api.pipeline();
    if (pipeline == nullptr) return reply(api.NotReady());
    handler(*pipeline, std::move(request), std::move(reply));
  };
}

Response JsonResponse(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

Error Overloaded() {
  return {"overloaded", "The server has more posts waiting than it may hold. Try again later."};
}

Response SubmitProblem(const Error& error) {
  int status = 503;
  if (error.code == "overloaded") status = 429;
  if (error.code == "disk_full") status = 507;
  if (error.code == "not_found") status = 404;
  if (error.code == "blocked_by_configuration") status = 409;
  if (error.code == "alias_conflict" || error.code == "fixed_by_configuration") status = 409;
  if (error.code == "too_many_blocks" || error.code == "too_many_aliases" || error.code == "bad_alias") status = 422;
  if (error.code == "bad_url" || error.code == "bad_secret" || error.code == "too_many_webhooks") status = 422;
  Response response = Problem(status, error);
  if (status == 429 || status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace tagswell
