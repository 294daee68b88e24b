#include "transport/answer_cache.hpp"

#include <utility>

namespace carillon::transport {

AnswerCache::AnswerCache(std::size_t max_requests, std::size_t max_octets, milliseconds lifetime,
                         TimerQueue& timers)
    : max_requests_(max_requests), max_octets_(max_octets), lifetime_(lifetime), timers_(timers) {}

AnswerCache::~AnswerCache() {
  timers_.cancel(timer_);
}

ReceivedRequest* AnswerCache::find(const NodeId& signer, wire::TransactionId transaction) {
  const auto found = tokens_.find(Key{signer, transaction});
  return found == tokens_.end() ? nullptr : find(found->second);
}

ReceivedRequest* AnswerCache::find(ResponseToken token) {
  const auto found = requests_.find(token);
  return found == requests_.end() ? nullptr : &found->second;
}

void AnswerCache::add(Now now, ResponseToken token, ReceivedRequest request) {
  while (by_age_.size() >= max_requests_)
    forget_oldest();
  tokens_.insert_or_assign(Key{request.signer, request.transaction_id}, token);
  requests_.emplace(token, std::move(request));
  by_age_.push_back({token, now.monotonic + lifetime_});
  if (timer_ == TimerId::none) set_timer();
}

void AnswerCache::set_answer(ReceivedRequest& request, Bytes answer) {
  request.is_answered = true;
  answer.shrink_to_fit();  // It was written to a growing buffer, and is kept for a while.
  octets_ += answer.size();
  request.answer = std::move(answer);
  while (octets_ > max_octets_)
    forget_oldest();
}

void AnswerCache::forget_oldest() {
  const ResponseToken token = by_age_.front().token;
  by_age_.pop_front();
  forget(token);
}

void AnswerCache::forget(ResponseToken token) {
  const auto found = requests_.find(token);
  if (found == requests_.end()) return;
  octets_ -= found->second.answer.size();
  tokens_.erase(Key{found->second.signer, found->second.transaction_id});
  requests_.erase(found);
}

void AnswerCache::expire(Now now) {
  timer_ = TimerId::none;
  while (!by_age_.empty() && by_age_.front().expires <= now.monotonic)
    forget_oldest();
  if (!by_age_.empty()) set_timer();
}

void AnswerCache::set_timer() {
  timer_ = timers_.set(by_age_.front().expires, [this](Now now) { expire(now); });
}

}  // namespace carillon::transport
