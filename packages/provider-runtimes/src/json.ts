export { asJson } from "@spillway/contracts/plain"
