/** Whether the sockets of this page are open: what the badge shows. */
export const connection = $state<{ open: number; lost: number }>({ open: 0, lost: 0 });
