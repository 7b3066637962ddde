/** The host that the pages and the examples speak of. */
export const hostToml = `[host.merlin]
domain = "example.org"
release = "debian12"
resolvers = ["2a01:4f8:0:1::add:1010"]
uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}
ipv6 = {network = "2a01:4f8:1:3::/64", seed = "0123456789abcdef"}
ipv4 = {address = "45.67.90.10", gateway = "45.67.90.1"}
nat64 = {}
dns64 = {}
ra = {}
vm.web.mac = "52:54:00:12:34:56"
`;

/** The network as a provider sets it up. */
export const freshNetplan = `network:
  version: 2
  ethernets:
    eno1:
      match: {macaddress: "00:24:21:21:ac:99"}
      addresses: [45.67.90.10/32, "2a01:4f8:1:3::2/64"]
      routes:
        - {to: 0.0.0.0/0, via: 45.67.90.1, on-link: true}
        - {to: "::/0", via: "fe80::1"}
      nameservers: {addresses: ["2a01:4f8:0:1::add:1010"]}
`;
