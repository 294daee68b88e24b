#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "sip/binding_key.hpp"
#include "sip/flow_token.hpp"
#include "sip/location_service.hpp"
#include "sip/register_request.hpp"

namespace carillon::sip {

/// A binding that this peer serves. A peer holds 100,000 of them, so its texts share one buffer.
class LocalBinding {
 public:
  LocalBinding(const RegisterRequest& request, const RegisterContact& contact, Now now,
               seconds stored_lifetime);
  /// One that we published before we restarted and that needs no flow; `hop` leads to the phone.
  LocalBinding(const Binding& published, const Hop& hop, Now now);

  [[nodiscard]] std::string_view contact() const { return text(0); }
  [[nodiscard]] std::string_view call_id() const { return text(1); }
  [[nodiscard]] std::string_view instance() const { return text(2); }
  [[nodiscard]] std::string_view received() const { return text(3); }
  [[nodiscard]] std::vector<std::string> path() const;
  [[nodiscard]] std::uint32_t cseq() const { return cseq_; }
  [[nodiscard]] std::uint32_t reg_id() const { return reg_id_; }
  [[nodiscard]] std::uint16_t q_thousandths() const { return q_; }
  [[nodiscard]] std::uint32_t granted_s() const { return granted_s_; }
  [[nodiscard]] bool direct() const { return direct_; }
  [[nodiscard]] MonotonicTime expires() const { return expires_; }
  [[nodiscard]] WallTime updated() const { return updated_; }
  [[nodiscard]] WallTime stored_until() const { return stored_until_; }
  /// The way to the phone: back where its REGISTER came from.
  [[nodiscard]] Hop hop() const;
  [[nodiscard]] FlowId flow() const { return flow_; }

  /// The REGISTER's contact means this binding.
  [[nodiscard]] bool matches(const RegisterContact& contact) const;
  /// The contact would change nothing but the time, the Call-ID and the CSeq number.
  [[nodiscard]] bool is_refreshed_by(const RegisterRequest& request,
                                     const RegisterContact& contact) const;
  /// The request follows on the last one of its Call-ID. A gap of more than a challenge says that
  /// the phone has spoken to other peers meanwhile, and may have removed the binding there.
  [[nodiscard]] bool is_next(const RegisterRequest& request) const {
    return call_id() != request.call_id || (request.cseq > cseq_ && request.cseq - cseq_ <= 2);
  }
  /// More than half of the stored lifetime lies ahead.
  [[nodiscard]] bool is_stored_long_enough(WallTime now) const;
  /// A lookup did not find it: somebody removed it through another peer, or the overlay has lost
  /// it. Either way the phone's next REGISTER must publish it anew.
  void set_confirmed(bool confirmed) { confirmed_ = confirmed; }
  [[nodiscard]] bool confirmed() const { return confirmed_; }
  /// Moves the end on, for a refresh that is not published.
  void refresh(const RegisterRequest& request, Now now);

  [[nodiscard]] Binding published(std::string_view aor, const FlowTokens& tokens,
                                  WallTime now) const;

 private:
  static constexpr std::size_t path_index = 4;
  [[nodiscard]] std::string_view text(std::size_t index) const;
  void pack(std::string_view contact, std::string_view call_id, std::string_view instance,
            std::string_view received, const std::vector<std::string>& path);

  std::string texts_;  ///< Separated by line ends, which none of them contains.
  MonotonicTime expires_{};
  WallTime updated_{};
  WallTime stored_until_{};
  FlowId flow_{};
  LocalTransportId local_{};
  std::uint32_t cseq_{};
  std::uint32_t reg_id_{};
  std::uint32_t granted_s_{};
  std::uint32_t stored_s_{};
  std::uint16_t q_{};
  Transport transport_{};
  bool direct_{};
  bool confirmed_{true};
};

/// "udp:192.0.2.1:5060" taken apart; port 0 if it is not that.
[[nodiscard]] HostPort received_address(std::string_view received);

}  // namespace carillon::sip
