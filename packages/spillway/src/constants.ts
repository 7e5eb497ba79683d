/** `spillway/constants`: what a program may say of Spillway before it loads the rest. */
export { DOOR_LIMITS } from "./doors/limits.ts"
export { VERSION } from "./version.ts"
