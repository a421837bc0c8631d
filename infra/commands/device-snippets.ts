/** What to paste into a device's firmware or configuration so that it reaches this Millrace. Texts only. */

export const snippetKinds = ['arduino', 'esphome', 'zigbee2mqtt', 'tasmota', 'mosquitto'] as const;
export type SnippetKind = (typeof snippetKinds)[number];

export interface SnippetFacts {
  readonly host: string;
  readonly port: number;
  /** The port speaks TLS. */
  readonly isTls: boolean;
  readonly name: string;
  readonly secret: string;
  /** Where it publishes a JSON object of fields: `sensors/home/kitchen`. */
  readonly topic: string;
}

export interface Snippet {
  readonly title: string;
  /** What it needs here. */
  readonly needs?: string;
  readonly text: string;
}

/** Topic rules that a product needs beyond a device's own topics; null: its own are enough. */
export const productRules: Record<SnippetKind, { publish: string[]; subscribe: string[] } | null> = {
  arduino: null,
  esphome: null,
  mosquitto: null,
  // A bridge speaks for all its devices; with its Home Assistant extension it announces them, too.
  zigbee2mqtt: { publish: ['zigbee2mqtt/#', 'homeassistant/#'], subscribe: ['zigbee2mqtt/#', 'homeassistant/#'] },
  tasmota: {
    // Unless SetOption90 is 1 it says nothing on its own command topic, with each connection.
    publish: ['tele/{name}/#', 'stat/{name}/#', 'tasmota/discovery/#', 'cmnd/{name}/POWER'],
    subscribe: ['cmnd/{name}/#', 'cmnd/tasmotas/#'],
  },
};

export function snippetFor(kind: SnippetKind, facts: SnippetFacts): Snippet[] {
  return snippets[kind](facts);
}

const snippets: Record<SnippetKind, (facts: SnippetFacts) => Snippet[]> = {
  arduino: (facts) => [
    { title: 'Arduino with ArduinoMqttClient (QoS 1: covered by promise P1)', text: arduinoMqttClient(facts) },
    {
      title: 'Arduino with PubSubClient (publishes with QoS 0 only: not covered by promise P1)',
      text: pubSubClient(facts),
    },
  ],
  esphome: (facts) => [
    {
      title: `ESPHome, without its api: section (qos: 1 for each sensor; its default is 0)${facts.isTls ? '; TLS on ESP32 only' : ''}`,
      text: esphome(facts),
    },
  ],
  zigbee2mqtt: (facts) => [
    {
      title: 'Zigbee2MQTT, configuration.yaml (qos of devices: 1; its default is 0; groups need their own)',
      needs: needs('zigbee2mqtt', '{ profile: zigbee2mqtt }'),
      text: zigbee2mqtt(facts),
    },
  ],
  tasmota: (facts) => [
    {
      title: `Tasmota, console (it publishes with QoS 0 only: not covered by promise P1)${facts.isTls ? '; needs firmware with TLS, which learns the key of the first server it meets' : ''}`,
      needs: needs('tasmota', '{ profile: tasmota }'),
      text: tasmota(facts),
    },
  ],
  mosquitto: (facts) => [
    { title: 'mosquitto_pub (QoS 1: covered by promise P1 when it ends without an error)', text: mosquittoPub(facts) },
  ],
};

/** It has topics of its own: the credential has to allow them, and the configuration to take them in. */
function needs(kind: SnippetKind, topic: string): string {
  return `needs a credential made with --for ${kind}, and in topics of millrace.yaml: ${topic}`;
}

function wifiClient(isTls: boolean): string {
  return isTls
    ? '#include <WiFiClientSecure.h>\nWiFiClientSecure net;  // net.setCACert(ca) with the authority of the certificate'
    : 'WiFiClient net;';
}

function arduinoMqttClient({ host, port, isTls, name, secret, topic }: SnippetFacts): string {
  return `#include <WiFi.h>  // ESP8266: <ESP8266WiFi.h>
#include <ArduinoMqttClient.h>

${wifiClient(isTls)}
MqttClient mqtt(net);

void setup() {
  WiFi.begin("your network", "its password");
  while (WiFi.status() != WL_CONNECTED) delay(200);
  mqtt.setId("${name}");
  mqtt.setUsernamePassword("${name}", "${secret}");
}

void loop() {
  String json = "{\\"temperature\\": " + String(21.5) + "}";
  do {
    while (!mqtt.connected() && !mqtt.connect("${host}", ${port})) delay(5000);
    mqtt.beginMessage("${topic}", json.length(), false, 1);
    mqtt.print(json);
  } while (!mqtt.endMessage());  // 1: acknowledged, so it is stored
  delay(10000);  // below 60 s, its keep alive
}`;
}

function pubSubClient({ host, port, isTls, name, secret, topic }: SnippetFacts): string {
  return `#include <WiFi.h>  // ESP8266: <ESP8266WiFi.h>
#include <PubSubClient.h>

${wifiClient(isTls)}
PubSubClient mqtt(net);

void setup() {
  WiFi.begin("your network", "its password");
  while (WiFi.status() != WL_CONNECTED) delay(200);
  mqtt.setServer("${host}", ${port});
}

void loop() {
  while (!mqtt.connected() && !mqtt.connect("${name}", "${name}", "${secret}")) delay(5000);
  mqtt.loop();
  mqtt.publish("${topic}", "{\\"temperature\\": 21.5}");
  delay(10000);
}`;
}

/** Names are quoted: to YAML `on` or `7` would be no text. */
function esphome({ host, port, isTls, name, secret, topic }: SnippetFacts): string {
  const certificate = isTls
    ? '\n  certificate_authority: |\n    -----BEGIN CERTIFICATE-----\n    the authority of the certificate'
    : '';
  return `mqtt:
  broker: ${host}
  port: ${port}${certificate}
  client_id: '${name}'
  username: '${name}'
  password: ${secret}
  topic_prefix: ${topic}
  discovery: false
  discover_ip: false
  log_topic: null

sensor:
  - platform: dht
    pin: GPIO4
    temperature:
      name: Temperature
      state_topic: ${topic}/temperature
      qos: 1`;
}

function zigbee2mqtt({ host, port, isTls, name, secret }: SnippetFacts): string {
  return `mqtt:
  base_topic: zigbee2mqtt
  server: ${isTls ? 'mqtts' : 'mqtt'}://${host}:${port}${isTls ? '\n  ca: /path/to/ca.pem  # the authority of the certificate' : ''}
  client_id: '${name}'
  user: '${name}'
  password: ${secret}
device_options:
  qos: 1`;
}

/**
 * One Backlog restarts once. `MqttClient` stays as it is: it may not be equal to `Topic`. `SetOption90 1` keeps it from
 * publishing on its own command topics. `SetOption132 1` takes the fingerprint of any certificate: an empty one is learned.
 */
function tasmota({ host, port, isTls, name, secret }: SnippetFacts): string {
  const tls = isTls ? ' SetOption103 1; SetOption132 1;' : '';
  return `Backlog MqttHost ${host}; MqttPort ${port};${tls} MqttUser ${name}; MqttPassword ${secret}; SetOption90 1; Topic ${name}`;
}

function mosquittoPub({ host, port, isTls, name, secret, topic }: SnippetFacts): string {
  return `mosquitto_pub -h ${host} -p ${port}${isTls ? ' --cafile ca.pem' : ''} -i ${name} -u ${name} -P ${secret} \\
  -q 1 -t ${topic} -m '{"temperature": 21.5}'`;
}
