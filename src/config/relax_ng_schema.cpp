#include "config/relax_ng_schema.hpp"

namespace carillon::config {

std::string_view relax_ng_schema() {
  return R"xml(<?xml version="1.0" encoding="UTF-8"?>
<!-- RFC 6940, 11.1.1; see overlay.rnc, also for what differs from the RFC. -->
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:ietf:params:xml:ns:p2p:config-base"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <define name="anything">
    <zeroOrMore>
      <choice>
        <element><anyName/><ref name="anything"/></element>
        <attribute><anyName/></attribute>
        <text/>
      </choice>
    </zeroOrMore>
  </define>
  <define name="foreign-elements">
    <element>
      <anyName><except>
        <nsName/><nsName ns=""/><nsName ns="urn:ietf:params:xml:ns:p2p:config-chord"/>
      </except></anyName>
      <ref name="anything"/>
    </element>
  </define>
  <define name="foreign-attributes">
    <zeroOrMore>
      <attribute><anyName><except>
        <nsName/><nsName ns=""/><nsName ns="urn:ietf:params:xml:ns:p2p:config-chord"/>
      </except></anyName></attribute>
    </zeroOrMore>
  </define>

  <start>
    <element name="overlay">
      <interleave>
        <oneOrMore><ref name="configuration"/></oneOrMore>
        <zeroOrMore><ref name="signature"/></zeroOrMore>
      </interleave>
    </element>
  </start>
  <define name="configuration">
    <element name="configuration">
      <attribute name="instance-name" ns=""><data type="string"/></attribute>
      <optional><attribute name="expiration" ns=""><data type="dateTime"/></attribute></optional>
      <optional><attribute name="sequence" ns=""><data type="long"/></attribute></optional>
      <ref name="foreign-attributes"/>
      <ref name="parameter"/>
    </element>
  </define>
  <define name="signature">
    <element name="signature">
      <optional><ref name="algorithm"/></optional>
      <data type="base64Binary"/>
    </element>
  </define>
  <define name="algorithm">
    <attribute name="algorithm" ns="">
      <choice><value type="string">rsa-sha1</value><data type="string"/></choice>
    </attribute>
  </define>

  <define name="parameter">
    <interleave>
      <optional><element name="topology-plugin"><choice><value>CHORD-RELOAD</value><data type="string"/></choice></element></optional>
      <optional><element name="max-message-size"><data type="unsignedInt"/></element></optional>
      <optional><element name="initial-ttl"><data type="int"/></element></optional>
      <optional><element name="overlay-reliability-timer"><data type="unsignedInt"/></element></optional>
      <zeroOrMore><element name="root-cert"><data type="base64Binary"/></element></zeroOrMore>
      <optional><element name="required-kinds"><zeroOrMore><ref name="kind-block"/></zeroOrMore></element></optional>
      <zeroOrMore><element name="enrollment-server"><data type="anyURI"/></element></zeroOrMore>
      <zeroOrMore><element name="kind-signer"><data type="string"/></element></zeroOrMore>
      <zeroOrMore><element name="configuration-signer"><data type="string"/></element></zeroOrMore>
      <zeroOrMore><element name="bad-node"><data type="string"/></element></zeroOrMore>
      <optional><element name="no-ice"><data type="boolean"/></element></optional>
      <optional><element name="shared-secret"><data type="string"/></element></optional>
      <zeroOrMore><element name="overlay-link-protocol"><data type="string"/></element></zeroOrMore>
      <optional><element name="clients-permitted"><data type="boolean"/></element></optional>
      <optional><element name="turn-density"><data type="unsignedByte"/></element></optional>
      <optional><element name="node-id-length"><data type="int"/></element></optional>
      <zeroOrMore><element name="mandatory-extension"><data type="string"/></element></zeroOrMore>
      <zeroOrMore><ref name="foreign-elements"/></zeroOrMore>
      <optional>
        <element name="self-signed-permitted">
          <attribute name="digest" ns=""><choice><value>sha1</value><data type="string"/></choice></attribute>
          <data type="boolean"/>
        </element>
      </optional>
      <zeroOrMore>
        <element name="bootstrap-node">
          <attribute name="address" ns=""><data type="string"/></attribute>
          <optional><attribute name="port" ns=""><data type="int"/></attribute></optional>
        </element>
      </zeroOrMore>
      <optional>
        <element name="chord-ping-interval" ns="urn:ietf:params:xml:ns:p2p:config-chord">
          <data type="int"/>
        </element>
      </optional>
      <optional>
        <element name="chord-update-interval" ns="urn:ietf:params:xml:ns:p2p:config-chord">
          <data type="int"/>
        </element>
      </optional>
      <optional>
        <element name="chord-reactive" ns="urn:ietf:params:xml:ns:p2p:config-chord">
          <data type="boolean"/>
        </element>
      </optional>
    </interleave>
  </define>

  <define name="kind-block">
    <element name="kind-block">
      <interleave>
        <element name="kind">
          <choice>
            <attribute name="name" ns="">
              <choice>
                <value>TURN-SERVICE</value>
                <value>CERTIFICATE_BY_NODE</value>
                <value>CERTIFICATE_BY_USER</value>
                <data type="string"/>
              </choice>
            </attribute>
            <attribute name="id" ns=""><data type="unsignedInt"/></attribute>
          </choice>
          <ref name="kind-parameter"/>
        </element>
        <optional>
          <element name="kind-signature">
            <optional><ref name="algorithm"/></optional>
            <data type="base64Binary"/>
          </element>
        </optional>
      </interleave>
    </element>
  </define>
  <define name="kind-parameter">
    <interleave>
      <element name="max-count"><data type="int"/></element>
      <element name="max-size"><data type="int"/></element>
      <optional><element name="max-node-multiple"><data type="int"/></element></optional>
      <element name="data-model">
        <choice>
          <value>SINGLE</value>
          <value>ARRAY</value>
          <value>DICTIONARY</value>
          <data type="string"/>
        </choice>
      </element>
      <element name="access-control">
        <choice>
          <value>USER-MATCH</value>
          <value>NODE-MATCH</value>
          <value>USER-NODE-MATCH</value>
          <value>NODE-MULTIPLE</value>
          <data type="string"/>
        </choice>
      </element>
      <zeroOrMore><ref name="foreign-elements"/></zeroOrMore>
    </interleave>
  </define>
</grammar>
)xml";
}

}  // namespace carillon::config
